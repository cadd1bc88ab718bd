package io.milena.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.coordinator.InternalLog.Chunk;
import io.milena.group.model.GroupRecordCodec;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.partition.PartitionMessages.Request;
import io.milena.partition.TypedPartitionClient;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class PartitionLogsTest {
  private static final int PARTITION = 7;
  private static final int EPOCH = 3;

  private long highWatermark;
  private int waits;
  private final PartitionLogs logs =
      new PartitionLogs(
          new EmptyReads(),
          new PartitionLogs.Topic("__consumer_offsets", 0, () -> 1 << 20),
          new GroupRecordCodec(),
          new CpuWork() {
            @Override
            public <T> Future<T> run(Callable<T> work) {
              return Future.failedFuture(new AssertionError("there is nothing to decode"));
            }
          },
          Clock.system());

  /** A shard that finds no batch at the offset asked for. */
  private final class EmptyReads extends TypedPartitionClient {
    @Override
    public int shards() {
      return 1;
    }

    @Override
    public int shardOf(String topic, int partition) {
      return 0;
    }

    @Override
    protected Future<?> ask(int shard, Request request) {
      if (request instanceof Read) {
        return Future.succeededFuture(
            new ReadReply(
                List.of(
                    new PartitionReadResult(
                        Errors.NONE, highWatermark, 0, 0, null, List.of(), -1, -1, -1, -1))));
      }
      assertThat(request).isInstanceOf(AwaitGrowth.class);
      waits++;
      return Future.succeededFuture(new AwaitGrowthReply(false));
    }
  }

  /** The last record was a tombstone, its segment was closed by time, and the cleaner took it. */
  @Test
  void aLogThatEndsWithAGapOfCompactionIsReadToItsEnd() {
    highWatermark = 100;

    Chunk chunk = logs.read(PARTITION, EPOCH, 90).result();

    assertThat(chunk.error()).isEqualTo(Errors.NONE);
    assertThat(chunk.entries()).isEmpty();
    assertThat(chunk.nextOffset()).isEqualTo(100);
    assertThat(waits).isZero();
  }

  @Test
  void whatIsNotCommittedYetIsWaitedFor() {
    highWatermark = 90;

    Chunk chunk = logs.read(PARTITION, EPOCH, 90).result();

    assertThat(chunk.nextOffset()).isEqualTo(90);
    assertThat(waits).isOne();
  }
}
