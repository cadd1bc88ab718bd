package io.milena.partition;

import io.milena.base.Clock;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AppendReply;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomeReply;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.BeginCleaningReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.ContinueCleaning;
import io.milena.partition.PartitionMessages.ContinueCleaningReply;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DeleteRecordsReply;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.DescribeLogsReply;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.DescribeProducersReply;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.partition.PartitionMessages.FindCleanable;
import io.milena.partition.PartitionMessages.FindCleanableReply;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.ListOffsetsReply;
import io.milena.partition.PartitionMessages.MeasureReply;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopReply;
import io.milena.partition.PartitionMessages.SwapSegments;
import io.milena.partition.PartitionMessages.SwapSegmentsReply;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * The door to the partition verticles. Callers split their work by {@link #shardOf} and send one
 * message per shard; the answer arrives on the caller's context. Usable from any event loop.
 */
public interface PartitionClient {
  /**
   * The client of the shards that are (or will be) deployed on {@code vertx}, where {@code
   * bus.Codecs} are registered.
   *
   * @param shards number of {@code PartitionVerticle}s, {@code milena.partition.shards}
   * @param clock of the shards, for they measure how long questions waited
   */
  static PartitionClient create(Vertx vertx, int shards, Clock clock) {
    return new BusPartitionClient(vertx, shards, clock);
  }

  /** Number of shards, fixed for the life of the process. */
  int shards();

  /** The shard that owns the partition, in {@code [0, shards())}. */
  int shardOf(String topic, int partition);

  Future<AppendReply> append(int shard, Append append);

  Future<ReadReply> read(int shard, Read read);

  Future<AwaitGrowthReply> awaitGrowth(int shard, AwaitGrowth await);

  Future<Done> cancelAwait(int shard, CancelAwait cancel);

  Future<ListOffsetsReply> listOffsets(int shard, ListOffsets ask);

  Future<EpochEndReply> epochEnd(int shard, EpochEnd ask);

  Future<BecomeReply> become(int shard, Become order);

  Future<StopReply> stop(int shard, Stop order);

  Future<Done> configure(int shard, Configure order);

  Future<DeleteRecordsReply> deleteRecords(int shard, DeleteRecords ask);

  Future<DescribeProducersReply> describeProducers(int shard, DescribeProducers ask);

  Future<DescribeLogsReply> describeLogs(int shard, DescribeLogs ask);

  /** What the shard holds just now, for the meters. */
  Future<MeasureReply> measure(int shard);

  Future<FindCleanableReply> findCleanable(int shard, FindCleanable ask);

  Future<BeginCleaningReply> beginCleaning(int shard, BeginCleaning ask);

  Future<ContinueCleaningReply> continueCleaning(int shard, ContinueCleaning ask);

  Future<SwapSegmentsReply> swapSegments(int shard, SwapSegments ask);

  Future<Done> endCleaning(int shard, EndCleaning ask);
}
