package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.bus.Codecs;
import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metrics.BusMeters;
import io.milena.metrics.LogMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.Origin;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.segment.FileSlice;
import io.milena.testing.SliceRecords;
import io.milena.testing.Waiting;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** One shard on a Vert.x of its own and a client that asks it from outside. */
final class ShardFixture implements AutoCloseable {
  static final int BROKER = 1;
  static final String TOPIC = "story";
  static final Uuid TOPIC_ID = Uuid.randomUuid();
  static final long SECONDS_10_NS = TimeUnit.SECONDS.toNanos(10);

  final Vertx vertx;
  final PartitionClient client;
  final AtomicBoolean halted = new AtomicBoolean();
  private final String deployment;
  private Context context;

  ShardFixture(Path dir, Function<Vertx, ShardLogs> storage) {
    this(
        Vertx.vertx(),
        PartitionVerticle.Options.defaults(StorageOptions.defaults(List.of(dir), 1)),
        storage);
  }

  ShardFixture(Vertx vertx, PartitionVerticle.Options options, Function<Vertx, ShardLogs> storage) {
    this(vertx, options, storage, Clock.system());
  }

  /**
   * @param clock of the shard
   */
  ShardFixture(
      Vertx vertx,
      PartitionVerticle.Options options,
      Function<Vertx, ShardLogs> storage,
      Clock clock) {
    this.vertx = vertx;
    Codecs.register(vertx, new BusMeters());
    client = PartitionClient.create(vertx, 1, Clock.system());
    PartitionVerticle.Surroundings surroundings =
        new PartitionVerticle.Surroundings(
            clock,
            () -> ClusterImage.empty("story"),
            () -> halted.set(true),
            new VerticleMeters("story"),
            new LogMeters());
    PartitionVerticle verticle =
        new PartitionVerticle(
            0,
            options,
            surroundings,
            v -> {
              context = v.getOrCreateContext();
              return storage.apply(v);
            });
    deployment = get(vertx.deployVerticle(verticle));
  }

  static <T> T get(Future<T> future) {
    return Waiting.on(future);
  }

  /** Does something on the shard's own thread and waits for it. */
  void onShard(Runnable work) {
    get(
        Future.<Void>future(
            done ->
                context.runOnContext(
                    v -> {
                      try {
                        work.run();
                        done.complete();
                      } catch (AssertionError failed) {
                        done.fail(failed);
                      }
                    })));
  }

  void stop() {
    get(vertx.undeploy(deployment));
  }

  @Override
  public void close() {
    get(vertx.close());
  }

  // ---- orders -------------------------------------------------------------------------------

  static PartitionImage image(int leader, int leaderEpoch, List<Integer> isr) {
    return new PartitionImage(
        0, List.of(1, 2), isr, leader, leaderEpoch, leaderEpoch, List.of(), List.of());
  }

  Errors become(PartitionImage image, TopicConfig config) {
    BecomePartition part = new BecomePartition(TOPIC, TOPIC_ID, image, BROKER, config);
    return get(client.become(0, new Become(List.of(part)))).results().get(0);
  }

  /** This broker leads alone in sync, epoch 3. */
  void lead() {
    become(image(BROKER, 3, List.of(BROKER)), TopicConfig.defaults());
  }

  // ---- produce ------------------------------------------------------------------------------

  Future<PartitionAppendResult> append(MemoryRecords records, int acks, long deadlineNs) {
    return append(Batches.part(TOPIC, TOPIC_ID, records), acks, deadlineNs);
  }

  Future<PartitionAppendResult> append(PartitionAppend part, int acks, long deadlineNs) {
    return client
        .append(0, new Append(List.of(part), (short) acks, deadlineNs, Origin.CLIENT))
        .map(reply -> reply.results().get(0));
  }

  Future<PartitionAppendResult> append(MemoryRecords records, int acks) {
    return append(records, acks, Clock.system().monotonicNs() + SECONDS_10_NS);
  }

  PartitionAppendResult appended(MemoryRecords records) {
    return get(append(records, -1));
  }

  // ---- fetch --------------------------------------------------------------------------------

  static PartitionRead position(long offset) {
    return new PartitionRead(TOPIC, 0, TOPIC_ID, offset, 1 << 20, -1, -1);
  }

  PartitionReadResult read(PartitionRead position, Isolation isolation) {
    return get(client.read(0, new Read(List.of(position), 1 << 20, true, isolation)))
        .results()
        .get(0);
  }

  PartitionReadResult read(long offset) {
    return read(position(offset), Isolation.READ_UNCOMMITTED);
  }

  Future<AwaitGrowthReply> await(PartitionRead position, long waitMs, Object key) {
    long deadlineNs = Clock.system().monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    return client.awaitGrowth(
        0, new AwaitGrowth(List.of(position), 1, deadlineNs, Isolation.READ_UNCOMMITTED, key));
  }

  /** The values in a result as offset=value; its slice is given back. */
  static List<String> values(PartitionReadResult result) {
    List<String> values = new ArrayList<>();
    FileSlice slice = result.records();
    if (slice == null) {
      return values;
    }
    for (Record record : SliceRecords.of(slice).records()) {
      values.add(record.offset() + "=" + StandardCharsets.UTF_8.decode(record.value()));
    }
    return values;
  }
}
