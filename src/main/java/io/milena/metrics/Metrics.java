package io.milena.metrics;

import io.milena.base.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * All meters of the broker. Cheap to make; Micrometer is loaded at the first {@link #scrape()}.
 * Thread-safe.
 */
public final class Metrics {
  private final TopicMeters topics = new TopicMeters();
  private final RequestMeters requests = new RequestMeters();
  private final LogMeters logs = new LogMeters();
  private final BusMeters bus = new BusMeters();
  private final List<VerticleMeters> verticles = new CopyOnWriteArrayList<>();
  private final List<Histogram> histograms = new CopyOnWriteArrayList<>();
  private final List<Supplier<List<Meter>>> sources = new CopyOnWriteArrayList<>();
  private final IntFunction<String> apiNames;
  private final Clock clock;
  private final AtomicReference<Exposition> exposition = new AtomicReference<>();

  /**
   * @param apiNames Kafka's name of an API key, e.g. Produce; called at scrapes only
   */
  public Metrics(IntFunction<String> apiNames, Clock clock) {
    this.clock = clock;
    this.apiNames = apiNames;
  }

  public TopicMeters topics() {
    return topics;
  }

  public RequestMeters requests() {
    return requests;
  }

  public LogMeters logs() {
    return logs;
  }

  public BusMeters bus() {
    return bus;
  }

  /** Makes the meters of one more verticle. */
  public VerticleMeters verticle(String name) {
    VerticleMeters made = new VerticleMeters(name);
    verticles.add(made);
    return made;
  }

  /** Makes a histogram that forgets old peaks as all others do; its series are the caller's. */
  public Histogram histogram() {
    Histogram made = new Histogram();
    histograms.add(made);
    return made;
  }

  /** Adds series that are always there. */
  public void add(List<Meter> meters) {
    List<Meter> fixed = List.copyOf(meters);
    sources.add(() -> fixed);
  }

  /** Adds series that come and go; asked for at each scrape. */
  public void addSource(Supplier<List<Meter>> source) {
    sources.add(source);
  }

  /** Everything in Prometheus' text format. Takes milliseconds: never on an event loop. */
  public String scrape() {
    Exposition existing = exposition.get();
    if (existing == null) {
      exposition.compareAndSet(null, new Exposition(clock));
      existing = exposition.get();
    }
    List<Meter> meters = new ArrayList<>();
    KafkaMeters.addTopics(topics, meters);
    KafkaMeters.addRequests(requests, apiNames, meters);
    logs.addTo(meters);
    bus.addTo(meters);
    verticles.forEach(verticle -> verticle.addTo(meters));
    sources.forEach(source -> meters.addAll(source.get()));
    return existing.write(meters, this::turn);
  }

  private void turn() {
    requests.turn();
    logs.turn();
    bus.turn();
    verticles.forEach(VerticleMeters::turn);
    histograms.forEach(Histogram::turn);
  }
}
