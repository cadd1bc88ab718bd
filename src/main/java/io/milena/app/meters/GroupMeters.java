package io.milena.app.meters;

import io.milena.coordinator.CoordinatorObserver;
import io.milena.group.GroupClient;
import io.milena.group.GroupMessages.Summary;
import io.milena.group.model.GroupMachine.Done;
import io.milena.metrics.Histogram;
import io.milena.metrics.Meter;
import io.milena.metrics.Metrics;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/**
 * Meters of the group coordinators, under the names that the JMX exporter's usual rules give
 * Kafka's. What must be counted by looking at every group is counted every few seconds, not at each
 * scrape. Thread-safe.
 */
public final class GroupMeters implements CoordinatorObserver {
  private static final long COUNT_MS = 5_000;
  private static final String OLD = "kafka_coordinator_group_groupmetadatamanager_";
  private static final String NEW = "kafka_server_group_coordinator_metrics_";
  private static final double NS_PER_MS = 1e6;

  /** States of classic groups with the names of Kafka's gauges. */
  private static final Map<String, String> CLASSIC_STATES =
      Map.of(
          "PreparingRebalance", "numgroupspreparingrebalance",
          "CompletingRebalance", "numgroupscompletingrebalance",
          "Stable", "numgroupsstable",
          "Empty", "numgroupsempty",
          "Dead", "numgroupsdead");

  private static final List<String> CONSUMER_STATES =
      List.of("Empty", "Assigning", "Reconciling", "Stable", "Dead");

  private final GroupClient client;
  private final AtomicReference<Summary> summary = new AtomicReference<>(Summary.NOTHING);
  private final Histogram loads;
  private final Histogram appends;
  private final Histogram steps;
  private final LongAdder loadedRecords = new LongAdder();
  private final LongAdder appendedRecords = new LongAdder();
  private final LongAdder failedAppends = new LongAdder();

  /**
   * @param client asked for what is counted by group
   */
  public GroupMeters(GroupClient client, Metrics metrics) {
    this.client = client;
    this.loads = metrics.histogram();
    this.appends = metrics.histogram();
    this.steps = metrics.histogram();
  }

  /** Counts from now on. */
  public void start(Vertx vertx) {
    vertx.setPeriodic(COUNT_MS, t -> client.summary().onSuccess(summary::set));
  }

  @Override
  public void loaded(int records, long tookMs) {
    loadedRecords.add(records);
    loads.record(TimeUnit.MILLISECONDS.toNanos(tookMs));
  }

  @Override
  public void committed(int records, long tookMs) {
    appendedRecords.add(records);
    appends.record(TimeUnit.MILLISECONDS.toNanos(tookMs));
  }

  @Override
  public void appendFailed() {
    failedAppends.increment();
  }

  @Override
  public void stepTook(long ns) {
    steps.record(ns);
  }

  /** All of them, to be added once. */
  public List<Meter> all() {
    List<Meter> meters = new ArrayList<>();
    meters.add(gauge(OLD + "numoffsets", "Committed offsets", () -> summary.get().offsets()));
    meters.add(gauge(OLD + "numgroups", "Classic groups", () -> sum("classic")));
    CLASSIC_STATES.forEach(
        (state, name) ->
            meters.add(
                gauge(OLD + name, "Classic groups in state " + state, () -> of("classic", state))));
    for (String protocol : List.of("classic", "consumer")) {
      meters.add(
          gauge(NEW + "group_count", "Groups by protocol", () -> sum(protocol))
              .with(Map.of("protocol", protocol)));
    }
    for (String state : CONSUMER_STATES) {
      meters.add(
          gauge(
                  NEW + "consumer_group_count",
                  "Groups of the consumer protocol by state",
                  () -> of("consumer", state))
              .with(Map.of("state", state.toLowerCase(Locale.ROOT))));
    }
    meters.add(
        gauge(NEW + "num_partitions", "Coordinators", () -> summary.get().active())
            .with(Map.of("state", "active")));
    meters.add(
        gauge(NEW + "num_partitions", "Coordinators", () -> summary.get().loading())
            .with(Map.of("state", "loading")));
    meters.add(
        gauge(
            NEW + "partition_load_time_avg",
            "Milliseconds that loading a partition took",
            () -> loads.count() == 0 ? 0 : loads.sum() / NS_PER_MS / loads.count()));
    meters.add(
        gauge(
            NEW + "partition_load_time_max",
            "Milliseconds that the slowest of late took",
            () -> loads.quantile(1) / NS_PER_MS));
    doneMeters(meters);
    appendMeters(meters);
    return meters;
  }

  /** Kafka's are attributes of a bean and so have no {@code _total}. */
  private void doneMeters(List<Meter> meters) {
    addDone(meters, "offset_commit_count", "Offsets that were committed", Done::committed);
    addDone(meters, "offset_expiration_count", "Offsets that ran out", Done::expired);
    addDone(meters, "offset_deletion_count", "Offsets deleted on demand", Done::deleted);
    addDone(
        meters,
        "group_completed_rebalance_count",
        "Generations of classic groups that were completed",
        Done::classicRebalances);
    addDone(
        meters,
        "consumer_group_rebalance_count",
        "New epochs of groups of the consumer protocol",
        Done::consumerRebalances);
    meters.add(
        gauge(
            "milena_group_open_requests",
            "Requests that coordinators have not answered",
            () -> summary.get().openRequests()));
    meters.add(
        gauge(
            "milena_group_unsettled_steps",
            "Decisions of coordinators that are not in the log yet",
            () -> summary.get().unsettledSteps()));
  }

  private void addDone(List<Meter> meters, String name, String help, ToLongFunction<Done> count) {
    meters.add(gauge(NEW + name, help, () -> count.applyAsLong(summary.get().done())));
  }

  private void appendMeters(List<Meter> meters) {
    addQuantiles(
        meters,
        "event_purgatory_time_ms",
        "Milliseconds from a batch of a coordinator to its commit",
        appends);
    addQuantiles(
        meters,
        "event_processing_time_ms",
        "Milliseconds that one step of a coordinator holds its event loop",
        steps);
    meters.add(
        Meter.counter(
            "milena_group_batches_committed", "Batches that coordinators wrote", appends::count));
    meters.add(
        Meter.counter(
            "milena_group_records_committed",
            "Records that coordinators wrote",
            appendedRecords::sum));
    meters.add(
        Meter.counter(
            "milena_group_records_loaded", "Records that coordinators read", loadedRecords::sum));
    meters.add(
        Meter.counter(
            "milena_group_appends_failed",
            "Batches of coordinators that were refused or whose end nobody knows",
            failedAppends::sum));
  }

  /** The last one is the longest of late. */
  private static void addQuantiles(
      List<Meter> meters, String name, String help, Histogram histogram) {
    for (double quantile : new double[] {0.5, 0.95, 0.99, 0.999, 1}) {
      meters.add(
          gauge(NEW + name, help, () -> histogram.quantile(quantile) / NS_PER_MS)
              .with(Map.of("quantile", Double.toString(quantile))));
    }
  }

  private static Meter gauge(String name, String help, DoubleSupplier value) {
    return Meter.gauge(name, help, value);
  }

  private double sum(String kind) {
    return summary.get().groups().getOrDefault(kind, Map.of()).values().stream()
        .mapToInt(count -> count)
        .sum();
  }

  private double of(String kind, String state) {
    return summary.get().groups().getOrDefault(kind, Map.of()).getOrDefault(state, 0);
  }
}
