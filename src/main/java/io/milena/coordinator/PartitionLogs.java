package io.milena.coordinator;

import io.milena.base.Clock;
import io.milena.coordinator.model.EncodedRecord;
import io.milena.coordinator.model.RecordCodec;
import io.milena.log.batch.BatchHeader;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.Origin;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionListOffsets;
import io.milena.partition.PartitionMessages.PartitionListOffsetsResult;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.storage.segment.FileSlice;
import io.milena.work.CpuWork;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.kafka.common.protocol.Errors;

/** An internal topic's partitions, in the shards of this process. Stateless. */
public final class PartitionLogs implements InternalLog {
  private static final short ACKS_ALL = -1;
  private static final long LATEST = -1;
  private static final long EARLIEST = -2;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int NO_EPOCH = -1;
  private static final long WAIT_FOR_MORE_NS = TimeUnit.SECONDS.toNanos(1);

  /**
   * An append of a coordinator is answered when its end is known: at the latest when the partition
   * is led by another one. How long clients wait for it is the core's affair.
   */
  private static final long NO_DEADLINE_NS = TimeUnit.DAYS.toNanos(10_000);

  private final PartitionClient partitions;
  private final Topic topic;
  private final RecordCodec codec;
  private final CpuWork work;
  private final Clock clock;

  /**
   * @param name of the topic
   * @param compressionCodec id of the codec that batches are written with
   * @param maxMessageBytes {@code max.message.bytes} of the topic as it is now
   */
  public record Topic(String name, int compressionCodec, IntSupplier maxMessageBytes) {}

  public PartitionLogs(
      PartitionClient partitions, Topic topic, RecordCodec codec, CpuWork work, Clock clock) {
    this.partitions = partitions;
    this.topic = topic;
    this.codec = codec;
    this.work = work;
    this.clock = clock;
  }

  @Override
  public int maxBatchBytes() {
    return topic.maxMessageBytes().getAsInt() - BatchHeader.SIZE_BYTES;
  }

  @Override
  public Future<Appended> append(int partition, int leaderEpoch, List<EncodedRecord> records) {
    ByteBuf batch = BatchBuilder.build(records, topic.compressionCodec(), clock.wallMs());
    BatchHeader header = BatchHeader.read(batch.nioBuffer(), 0);
    PartitionAppend part =
        new PartitionAppend(topic.name(), partition, null, batch, List.of(header), leaderEpoch);
    long deadlineNs = clock.monotonicNs() + NO_DEADLINE_NS;
    return partitions
        .append(
            shardOf(partition), new Append(List.of(part), ACKS_ALL, deadlineNs, Origin.COORDINATOR))
        .map(reply -> reply.results().get(0))
        .map(result -> new Appended(result.error(), result.baseOffset()));
  }

  private int shardOf(int partition) {
    return partitions.shardOf(topic.name(), partition);
  }

  @Override
  public Future<Span> span(int partition, int leaderEpoch) {
    List<PartitionListOffsets> ends =
        List.of(
            new PartitionListOffsets(topic.name(), partition, leaderEpoch, EARLIEST),
            new PartitionListOffsets(topic.name(), partition, leaderEpoch, LATEST));
    return partitions
        .listOffsets(shardOf(partition), new ListOffsets(ends, Isolation.LOG_END))
        .map(
            reply -> {
              PartitionListOffsetsResult start = reply.results().get(0);
              PartitionListOffsetsResult end = reply.results().get(1);
              Errors error = start.error() == Errors.NONE ? end.error() : start.error();
              return new Span(error, start.offset(), end.offset());
            });
  }

  @Override
  public Future<Chunk> read(int partition, int leaderEpoch, long offset) {
    PartitionRead part =
        new PartitionRead(
            topic.name(), partition, null, offset, CHUNK_BYTES, leaderEpoch, NO_EPOCH);
    return partitions
        .read(
            shardOf(partition),
            new Read(List.of(part), CHUNK_BYTES, true, Isolation.READ_UNCOMMITTED))
        .compose(reply -> decode(part, reply.results().get(0)));
  }

  private Future<Chunk> decode(PartitionRead part, PartitionReadResult result) {
    if (result.error() != Errors.NONE) {
      return Future.succeededFuture(Chunk.refused(result.error()));
    }
    FileSlice slice = result.records();
    if (slice == null && result.highWatermark() > part.fetchOffset()) {
      return Future.succeededFuture(gap(result.highWatermark()));
    }
    if (slice == null) {
      return awaitMore(part);
    }
    return work.run(() -> LogDecoder.decode(slice, part.fetchOffset(), codec))
        .onComplete(done -> slice.release());
  }

  /** Compaction left nothing up to the end: the last records were tombstones of long ago. */
  private static Chunk gap(long nextOffset) {
    return new Chunk(Errors.NONE, List.of(), nextOffset, Map.of());
  }

  /** The high watermark of a new leader comes up to its log end a little later (R21). */
  private Future<Chunk> awaitMore(PartitionRead part) {
    AwaitGrowth wait =
        new AwaitGrowth(
            List.of(part),
            1,
            clock.monotonicNs() + WAIT_FOR_MORE_NS,
            Isolation.READ_UNCOMMITTED,
            new Object());
    return partitions
        .awaitGrowth(shardOf(part.partition()), wait)
        .map(grown -> new Chunk(Errors.NONE, List.of(), part.fetchOffset(), Map.of()));
  }
}
