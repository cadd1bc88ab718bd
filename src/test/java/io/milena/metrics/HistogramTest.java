package io.milena.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Quantiles that forget, counts that do not. */
class HistogramTest {
  private final Histogram histogram = new Histogram();

  @Test
  void aQuantileIsOffByAtMostAQuarter() {
    for (int i = 1; i <= 10_000; i++) {
      histogram.record(i * 1_000L);
    }

    assertThat(histogram.quantile(0.5)).isCloseTo(5e6, withinPercentage(25));
    assertThat(histogram.quantile(0.99)).isCloseTo(9.9e6, withinPercentage(25));
    assertThat(histogram.quantile(1)).isCloseTo(10e6, withinPercentage(25));
    assertThat(histogram.count()).isEqualTo(10_000);
    assertThat(histogram.sum()).isEqualTo(1_000L * 10_000 * 10_001 / 2);
  }

  @Test
  void anOldPeakIsForgottenAfterTwoTurnsButStillCounted() {
    histogram.record(1_000_000_000);
    histogram.turn();
    assertThat(histogram.quantile(1)).isGreaterThan(7e8);
    histogram.record(1_000);
    histogram.turn();

    assertThat(histogram.quantile(1)).isCloseTo(1_000, withinPercentage(25));
    histogram.turn();
    assertThat(histogram.quantile(1)).isZero();
    assertThat(histogram.count()).isEqualTo(2);
    assertThat(histogram.sum()).isEqualTo(1_000_001_000);
  }

  @Test
  void theSmallestAndLargestValuesHaveTheirBuckets() {
    histogram.record(-5);
    assertThat(histogram.quantile(1)).isZero();
    histogram.record(Long.MAX_VALUE);
    assertThat(histogram.quantile(1)).isCloseTo(Long.MAX_VALUE, withinPercentage(25));
  }

  @Test
  void madeUpPeersShareOneSeries() {
    BusMeters bus = new BusMeters();
    for (int id = 0; id < 5_000; id++) {
      bus.received(id, 10);
    }

    List<Meter> meters = new ArrayList<>();
    bus.addTo(meters);

    List<Meter> received =
        meters.stream().filter(m -> m.name().equals("milena_bus_received_bytes")).toList();
    assertThat(received).hasSizeLessThan(1_010);
    assertThat(received.stream().mapToDouble(m -> m.value().getAsDouble()).sum()).isEqualTo(50_000);
    assertThat(received).filteredOn(m -> m.labels().equals(Map.of("peer", "others"))).hasSize(1);
  }
}
