package io.milena.storage;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import io.milena.metrics.LogMeters;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.file.LogFiles;
import io.milena.storage.segment.FileSlice;
import io.milena.testing.SliceRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** One broker's storage over real files for a test: directories, one store, its context. */
public final class StorageBed implements AutoCloseable {
  public final LogMeters meters = new LogMeters();
  public static final TopicPartition TP = new TopicPartition("orders", 0);
  public static final Uuid TOPIC_ID = new Uuid(7, 9);
  private static final long WAIT_S = 30;

  public final Vertx vertx = Vertx.vertx();
  public final AtomicLong wallMs = new AtomicLong(1_700_000_000_000L);
  public final Context context = vertx.getOrCreateContext();
  public final StorageOptions options;
  public LogDirectories directories;
  public LogStore store;

  public final Clock clock =
      new Clock() {
        @Override
        public long wallMs() {
          return wallMs.get();
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  public StorageBed(Path... dirs) {
    this(StorageOptions.defaults(List.of(dirs), 1));
  }

  public StorageBed(StorageOptions options) {
    this.options = options;
  }

  public StorageBed start() {
    return start(LogFiles.of(vertx));
  }

  public StorageBed start(LogFiles files) {
    return start(files, directory -> Long.MAX_VALUE / 2);
  }

  public StorageBed start(LogFiles files, LogDirectories.RoomProbe room) {
    directories = LogDirectories.open(options, room);
    directories.identify("cluster", 1);
    directories.attach(vertx);
    store =
        on(
            () ->
                Future.succeededFuture(
                    new LogStore(
                        vertx,
                        directories,
                        options,
                        new LogStore.Means(clock, RandomSource.system(), files, meters))));
    return this;
  }

  public void stop(boolean clean) {
    on(() -> store.close(clean));
    on(() -> directories.close(clean));
  }

  /** Runs on the store's context and waits for the outcome. */
  public <T> T on(Supplier<Future<T>> step) {
    CompletableFuture<T> done = new CompletableFuture<>();
    context.runOnContext(
        nothing -> {
          try {
            step.get().onSuccess(done::complete).onFailure(done::completeExceptionally);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.get(WAIT_S, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  public PartitionLog log(TopicConfig config) {
    OpenedLog opened = open(TP, config);
    if (opened.error() != null) {
      throw opened.error();
    }
    return opened.log();
  }

  public OpenedLog open(TopicPartition tp, TopicConfig config) {
    return on(() -> store.open(List.of(new OpenLog(tp, TOPIC_ID, config)))).get(0);
  }

  /** Appends a batch of records with this many bytes of value each; waits. */
  public void append(PartitionLog log, int records, int valueBytes) {
    on(() -> appendLater(log, records, valueBytes));
  }

  public Future<Void> appendLater(PartitionLog log, int records, int valueBytes) {
    return appendBatch(log, batch(log.stagedEndOffset(), records, valueBytes, wallMs.get(), -1, 0));
  }

  public static Future<Void> appendBatch(PartitionLog log, MemoryRecords records) {
    ByteBuffer bytes = records.buffer().duplicate();
    List<BatchHeader> headers = new ArrayList<>();
    new BatchScanner(true).scan(bytes, 0, headers);
    ByteBuf buffer = Unpooled.directBuffer(bytes.remaining()).writeBytes(bytes);
    return log.append(buffer, headers);
  }

  public static MemoryRecords batch(
      long baseOffset,
      int records,
      int valueBytes,
      long timestampMs,
      long producerId,
      int sequence) {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024 + records * (valueBytes + 32)),
            RecordBatch.MAGIC_VALUE_V2,
            Compression.NONE,
            TimestampType.CREATE_TIME,
            baseOffset,
            timestampMs,
            producerId,
            producerId < 0 ? RecordBatch.NO_PRODUCER_EPOCH : (short) 0,
            producerId < 0 ? RecordBatch.NO_SEQUENCE : sequence,
            false,
            0);
    for (int i = 0; i < records; i++) {
      builder.append(new SimpleRecord(timestampMs + i, new byte[valueBytes]));
    }
    return builder.build();
  }

  /** Reads a range as records, empty when there is nothing. */
  public MemoryRecords read(PartitionLog log, long from, long to, int maxBytes) {
    FileSlice slice = on(() -> log.read(from, to, maxBytes, true));
    return slice == null ? MemoryRecords.EMPTY : SliceRecords.of(slice);
  }

  public static TopicConfig small(int segmentBytes) {
    return config(segmentBytes, -1, -1, 60_000, Long.MAX_VALUE);
  }

  public static TopicConfig config(
      int segmentBytes,
      long retentionBytes,
      long retentionMs,
      long deleteDelayMs,
      long flushMessages) {
    return TopicConfigs.effective(
        Map.of(),
        Map.of(),
        Map.of(
            "segment.bytes", Integer.toString(segmentBytes),
            "segment.jitter.ms", "0",
            "index.interval.bytes", "100",
            "retention.bytes", Long.toString(retentionBytes),
            "retention.ms", Long.toString(retentionMs),
            "file.delete.delay.ms", Long.toString(deleteDelayMs),
            "flush.messages", Long.toString(flushMessages)));
  }

  @Override
  public void close() {
    CompletableFuture<Void> closed = vertx.close().toCompletionStage().toCompletableFuture();
    closed.orTimeout(WAIT_S, TimeUnit.SECONDS).join();
  }
}
