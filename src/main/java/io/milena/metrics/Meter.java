package io.milena.metrics;

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
}
