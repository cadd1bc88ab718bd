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

    /** Bytes of requests. */
    public final LongAdder requestBytes = new LongAdder();

    /** Bytes of answers. */
    public final LongAdder answerBytes = new LongAdder();

    /** Requests of that version, or -1 when there was none. */
    public long ofVersion(int version) {
      LongAdder adder = versions.get(version);
      return adder == null ? -1 : adder.sum();
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

  /** Counts one request; keys and versions out of range are not counted. */
  public void done(int apiKey, int apiVersion, long totalNs, int requestBytes, long answerBytes) {
    if (apiKey < 0 || apiKey >= KEYS || apiVersion < 0 || apiVersion >= VERSIONS) {
      return;
    }
    OneApi api = apis.get(apiKey);
    if (api == null) {
      apis.compareAndSet(apiKey, null, new OneApi());
      api = apis.get(apiKey);
    }
    api.adder(apiVersion).increment();
    api.total.record(totalNs);
    api.requestBytes.add(requestBytes);
    api.answerBytes.add(answerBytes);
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
