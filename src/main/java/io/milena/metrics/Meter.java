package io.milena.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * One series, asked for its value at each scrape.
 *
 * @param name in Prometheus' spelling, e.g. {@code kafka_server_replicamanager_partitioncount}; a
 *     counter's without {@code _total}
 * @param help one sentence
 * @param counter true for what only rises
 * @param labels names and values
 * @param value called by the thread that scrapes
 */
public record Meter(
    String name, String help, boolean counter, Map<String, String> labels, DoubleSupplier value) {
  /** Divides nanoseconds into seconds. */
  public static final double SECONDS = 1e9;

  /** Divides nanoseconds into milliseconds, which Kafka's times are told in. */
  public static final double MILLISECONDS = 1e6;

  /** For sizes: as they were recorded. */
  public static final double AS_RECORDED = 1;

  /** As the JMX exporter writes Kafka's percentiles; 1 is ours, the largest. */
  private static final List<String> QUANTILES =
      List.of("0.50", "0.75", "0.95", "0.98", "0.99", "0.999", "1");

  public Meter {
    labels = Map.copyOf(labels);
  }

  public static Meter gauge(String name, String help, DoubleSupplier value) {
    return new Meter(name, help, false, Map.of(), value);
  }

  public static Meter counter(String name, String help, DoubleSupplier value) {
    return new Meter(name, help, true, Map.of(), value);
  }

  /** The same with labels. */
  public Meter with(Map<String, String> newLabels) {
    return new Meter(name, help, counter, newLabels, value);
  }

  /**
   * Adds a histogram: its quantiles (1 is the largest), {@code _count} and {@code _sum}.
   *
   * @param unit what recorded values are divided by, e.g. {@link #SECONDS}
   */
  public static void histogram(List<Meter> to, Meter likeThis, Histogram histogram, double unit) {
    for (String text : QUANTILES) {
      double quantile = Double.parseDouble(text);
      Map<String, String> labels = new HashMap<>(likeThis.labels());
      labels.put("quantile", text);
      to.add(
          gauge(likeThis.name(), likeThis.help(), () -> histogram.quantile(quantile) / unit)
              .with(labels));
    }
    to.add(
        gauge(likeThis.name() + "_count", likeThis.help() + ", how often", histogram::count)
            .with(likeThis.labels()));
    to.add(
        gauge(
                likeThis.name() + "_sum",
                likeThis.help() + ", together",
                () -> histogram.sum() / unit)
            .with(likeThis.labels()));
  }

  /** Name, help and labels for {@link #histogram}. */
  public static Meter named(String name, String help, Map<String, String> labels) {
    return gauge(name, help, () -> 0).with(labels);
  }
}
