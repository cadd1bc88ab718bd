package io.milena.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.milena.base.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/** The Micrometer side: a Prometheus registry kept in step with the broker's meters. */
final class Exposition {
  private static final long TURN_NS = TimeUnit.SECONDS.toNanos(30);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Identity, Slot> registered = new HashMap<>();
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Clock clock;
  private long turnedNs;

  private record Identity(String name, Map<String, String> labels) {}

  /** What Micrometer asks for a value; strongly held here, because Micrometer holds it weakly. */
  private static final class Slot {
    private volatile DoubleSupplier value;
    private io.micrometer.core.instrument.Meter meter;

    double read() {
      return value.getAsDouble();
    }
  }

  Exposition(Clock clock) {
    this.clock = clock;
    this.turnedNs = clock.monotonicNs();
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /**
   * Registers what is new, takes away what is gone, and writes all in the text format.
   *
   * @param turn makes histograms forget; run now and then
   */
  synchronized String write(List<Meter> meters, Runnable turn) {
    Set<Identity> wanted =
        meters.stream().map(Exposition::identity).collect(Collectors.toUnmodifiableSet());
    registered
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !wanted.contains(entry.getKey());
              if (gone) {
                registry.remove(entry.getValue().meter);
              }
              return gone;
            });
    for (Meter meter : meters) {
      Slot slot = registered.get(identity(meter));
      if (slot != null) {
        slot.value = meter.value();
      } else {
        registered.put(identity(meter), register(meter));
      }
    }
    String text = registry.scrape();
    turnWhenDue(turn);
    return text;
  }

  private static Identity identity(Meter meter) {
    return new Identity(meter.name(), meter.labels());
  }

  private Slot register(Meter meter) {
    Slot slot = new Slot();
    slot.value = meter.value();
    Tags tags = Tags.empty();
    for (Map.Entry<String, String> label : meter.labels().entrySet()) {
      tags = tags.and(label.getKey(), label.getValue());
    }
    slot.meter =
        meter.counter()
            ? FunctionCounter.builder(meter.name(), slot, Slot::read)
                .description(meter.help())
                .tags(tags)
                .register(registry)
            : Gauge.builder(meter.name(), slot, Slot::read)
                .description(meter.help())
                .tags(tags)
                .register(registry);
    return slot;
  }

  private void turnWhenDue(Runnable turn) {
    long nowNs = clock.monotonicNs();
    if (nowNs - turnedNs >= TURN_NS) {
      turnedNs = nowNs;
      turn.run();
    }
  }
}
