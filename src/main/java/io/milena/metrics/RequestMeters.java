package io.milena.metrics;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/** Kafka's RequestMetrics: how many requests of each API and version, and how long. Thread-safe. */
public final class RequestMeters {
  private static final int KEYS = 128;
  private static final int VERSIONS = 32;

  private final AtomicReferenceArray<OneApi> apis = new AtomicReferenceArray<>(KEYS);

  /** The counters of one API. */
  public static final class OneApi {
    private final AtomicReferenceArray<LongAdder> versions = new AtomicReferenceArray<>(VERSIONS);

    /** From the whole frame to the answer being handed to the socket. */
    public final Histogram total = new Histogram();

    /** From the whole frame to the request being started. */
    public final Histogram requestQueue = new Histogram();

    /** The broker at work, waiting for its disk included. */
    public final Histogram local = new Histogram();

    /** Waiting for others: growth of a log, replicas. */
    public final Histogram remote = new Histogram();

    /** The answer waiting for those before it. */
    public final Histogram responseQueue = new Histogram();

    /** Bytes of requests. */
    public final Histogram requestBytes = new Histogram();

    /** Bytes of answers. */
    public final Histogram responseBytes = new Histogram();

    /** Requests of that version, or -1 when there was none. */
    public long ofVersion(int version) {
      LongAdder adder = versions.get(version);
      return adder == null ? -1 : adder.sum();
    }

    private void turn() {
      total.turn();
      requestQueue.turn();
      local.turn();
      remote.turn();
      responseQueue.turn();
      requestBytes.turn();
      responseBytes.turn();
    }

    private LongAdder adder(int version) {
      LongAdder adder = versions.get(version);
      if (adder == null) {
        versions.compareAndSet(version, null, new LongAdder());
        adder = versions.get(version);
      }
      return adder;
    }
  }

  /**
   * Counts one request.
   *
   * @return where its times and sizes are recorded; null when key or version are out of range
   */
  public OneApi count(int apiKey, int apiVersion) {
    if (apiKey < 0 || apiKey >= KEYS || apiVersion < 0 || apiVersion >= VERSIONS) {
      return null;
    }
    OneApi api = apis.get(apiKey);
    if (api == null) {
      apis.compareAndSet(apiKey, null, new OneApi());
      api = apis.get(apiKey);
    }
    api.adder(apiVersion).increment();
    return api;
  }

  void turn() {
    for (int key = 0; key < KEYS; key++) {
      OneApi api = apis.get(key);
      if (api != null) {
        api.turn();
      }
    }
  }

  /** The counters of an API, or null when it was never asked. */
  public OneApi of(int apiKey) {
    return apis.get(apiKey);
  }

  /** One above the largest key. */
  public int keys() {
    return KEYS;
  }

  /** One above the largest version. */
  public int versions() {
    return VERSIONS;
  }
}
