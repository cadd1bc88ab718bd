package io.milena.cleaner;

import io.milena.base.Clock;
import io.milena.bus.Codecs;
import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metrics.BusMeters;
import io.milena.metrics.CleanerMeters;
import io.milena.metrics.Meter;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.LogDescription;
import io.milena.partition.PartitionMessages.Origin;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.partition.PartitionMessages.PartitionName;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.testing.FilesShard;
import io.milena.testing.KeyTable;
import io.milena.testing.SliceRecords;
import io.milena.testing.Waiting;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** One shard with its files, and cleaners on it. */
final class CleanerBed implements AutoCloseable {
  static final Uuid TOPIC_ID = new Uuid(3, 4);
  private static final int BROKER = 1;
  private static final long WAIT_S = 30;

  /** A record as a reader sees it. */
  record Seen(long offset, String key, String value) {}

  final Path dir;
  final CleanerMeters meters;
  final AtomicReference<LogCleanerOptions> options =
      new AtomicReference<>(new LogCleanerOptions(1, 4 << 20, 64 << 10, Double.MAX_VALUE, 0.9, 20));
  final AtomicBoolean halted = new AtomicBoolean();
  PartitionClient client;
  private Vertx vertx;
  private FilesShard shard;
  private final List<String> cleaners = new ArrayList<>();

  CleanerBed(Path dir) {
    this.dir = dir;
    this.meters = new CleanerMeters(List.of(dir.toString()));
    start();
  }

  private void start() {
    vertx = Vertx.vertx();
    Codecs.register(vertx, new BusMeters());
    shard = new FilesShard(vertx, dir, () -> ClusterImage.empty("cluster"), () -> halted.set(true));
    client = shard.client();
  }

  /** Deploys cleaners. */
  void clean(int threads) {
    clean(threads, Clock.system());
  }

  void clean(int threads, Clock clock) {
    for (int i = 0; i < threads; i++) {
      cleaners.add(
          get(
              vertx.deployVerticle(
                  new LogCleanerVerticle(client, options::get, clock, meters),
                  LogCleanerVerticle.deployment(threads))));
    }
  }

  void stopCleaners() {
    cleaners.forEach(id -> get(vertx.undeploy(id)));
    cleaners.clear();
  }

  void restart() {
    stop();
    start();
  }

  private void stop() {
    stopCleaners();
    shard.stop();
    get(vertx.close());
  }

  @Override
  public void close() {
    stop();
  }

  static <T> T get(Future<T> future) {
    return Waiting.on(future);
  }

  // ---- topics -------------------------------------------------------------------------------

  /** Compacted, cleaned at once, in segments of this size. */
  static TopicConfig compacted(int segmentBytes) {
    return config(segmentBytes, true, false, 24L * 3600 * 1000, -1);
  }

  static TopicConfig config(
      int segmentBytes,
      boolean compact,
      boolean delete,
      long deleteRetentionMs,
      long retentionBytes) {
    TopicConfig d = TopicConfig.defaults();
    return new TopicConfig(
        segmentBytes,
        d.segmentMs(),
        0,
        d.segmentIndexBytes(),
        200,
        retentionBytes,
        -1,
        1,
        d.flushMessages(),
        d.flushMs(),
        d.maxMessageBytes(),
        d.maxDecompressedMessageBytes(),
        d.minInsyncReplicas(),
        d.uncleanLeaderElection(),
        d.preallocate(),
        compact,
        delete,
        d.compressionType(),
        d.compressionLevels(),
        d.timestampType(),
        d.timestampBeforeMaxMs(),
        d.timestampAfterMaxMs(),
        deleteRetentionMs,
        0,
        Long.MAX_VALUE,
        0.1);
  }

  /** This broker leads partition 0 of the topic, alone. */
  void lead(String topic, TopicConfig config, int leaderEpoch) {
    PartitionImage image =
        new PartitionImage(
            0,
            List.of(BROKER),
            List.of(BROKER),
            BROKER,
            leaderEpoch,
            leaderEpoch,
            List.of(),
            List.of());
    BecomePartition part = new BecomePartition(topic, TOPIC_ID, image, BROKER, config);
    List<Errors> results = get(client.become(0, new Become(List.of(part)))).results();
    if (results.get(0) != Errors.NONE) {
      throw new AssertionError(results);
    }
  }

  // ---- records ------------------------------------------------------------------------------

  static SimpleRecord record(String key, String value) {
    return new SimpleRecord(1_700_000_000_000L, bytes(key), value == null ? null : bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  void append(String topic, MemoryRecords records) {
    ByteBuffer bytes = records.buffer().duplicate();
    List<BatchHeader> headers = new ArrayList<>();
    new BatchScanner(true).scan(bytes, 0, headers);
    ByteBuf buffer = Unpooled.directBuffer(bytes.remaining()).writeBytes(bytes);
    PartitionAppend part = new PartitionAppend(topic, 0, TOPIC_ID, buffer, headers);
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
    PartitionAppendResult result =
        get(client.append(0, new Append(List.of(part), (short) -1, deadlineNs, Origin.CLIENT)))
            .results()
            .get(0);
    if (result.error() != Errors.NONE) {
      throw new AssertionError(result);
    }
  }

  void append(String topic, SimpleRecord... records) {
    append(
        topic,
        MemoryRecords.withRecords(org.apache.kafka.common.compress.Compression.NONE, records));
  }

  /** Numbered values under keys that come round again. */
  void fill(String topic, int records, int keys) {
    for (int i = 0; i < records; i++) {
      append(topic, record("key-" + i % keys, "value-" + i));
    }
  }

  PartitionReadResult read(String topic, long offset) {
    PartitionRead part = new PartitionRead(topic, 0, TOPIC_ID, offset, 1 << 20, -1, -1);
    return get(client.read(0, new Read(List.of(part), 1 << 20, true, Isolation.READ_UNCOMMITTED)))
        .results()
        .get(0);
  }

  /** All records, as a consumer gets them that starts at the beginning. */
  List<Seen> readAll(String topic) {
    List<Seen> seen = new ArrayList<>();
    LogDescription log = describe(topic);
    long offset = log.logStartOffset();
    while (offset < log.highWatermark()) {
      PartitionReadResult result = read(topic, offset);
      if (result.error() != Errors.NONE || result.records() == null) {
        throw new AssertionError("stuck at " + offset + ": " + result);
      }
      for (RecordBatch batch : SliceRecords.of(result.records()).batches()) {
        batch.ensureValid();
        for (Record record : batch) {
          if (record.offset() >= offset) {
            seen.add(new Seen(record.offset(), text(record.key()), text(record.value())));
          }
        }
        offset = batch.nextOffset();
      }
    }
    return seen;
  }

  private static String text(ByteBuffer bytes) {
    return bytes == null ? null : StandardCharsets.UTF_8.decode(bytes).toString();
  }

  static Map<String, String> table(List<Seen> records) {
    return KeyTable.of(records, Seen::key, Seen::value);
  }

  // ---- what is there ------------------------------------------------------------------------

  LogDescription describe(String topic) {
    return get(client.describeLogs(0, new DescribeLogs(List.of(new PartitionName(topic, 0)))))
        .logs()
        .get(0);
  }

  Path folder(String topic) {
    return dir.resolve(topic + "-0");
  }

  List<String> files(String topic) {
    try (Stream<Path> files = Files.list(folder(topic))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What cleaner-offset-checkpoint says of the topic, -1 when nothing. */
  long cleanedTo(String topic) {
    Path file = dir.resolve("cleaner-offset-checkpoint");
    try {
      if (!Files.exists(file)) {
        return -1;
      }
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(topic + " 0 ")) {
          return Long.parseLong(line.substring(topic.length() + 3));
        }
      }
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double meter(String name) {
    return meters.meters(System::nanoTime).stream()
        .filter(meter -> meter.name().equals(name))
        .mapToDouble((Meter meter) -> meter.value().getAsDouble())
        .sum();
  }
}
