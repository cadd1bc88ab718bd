package io.milena.partition;

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
import io.milena.partition.PartitionMessages.Measure;
import io.milena.partition.PartitionMessages.MeasureReply;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.partition.PartitionMessages.Request;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopReply;
import io.milena.partition.PartitionMessages.SwapSegments;
import io.milena.partition.PartitionMessages.SwapSegmentsReply;
import io.vertx.core.Future;

/**
 * The typed questions of a {@link PartitionClient} over one untyped way to ask: which answer
 * belongs to which question stands here and nowhere else.
 */
public abstract class TypedPartitionClient implements PartitionClient {
  /** Brings a request to a shard; the answer is the one that its documentation names. */
  protected abstract Future<?> ask(int shard, Request request);

  @SuppressWarnings("unchecked") // each method below names the answer of its request
  private <R> Future<R> typed(int shard, Request request) {
    return (Future<R>) ask(shard, request);
  }

  @Override
  public final Future<AppendReply> append(int shard, Append append) {
    return typed(shard, append);
  }

  @Override
  public final Future<ReadReply> read(int shard, Read read) {
    return typed(shard, read);
  }

  @Override
  public final Future<AwaitGrowthReply> awaitGrowth(int shard, AwaitGrowth await) {
    return typed(shard, await);
  }

  @Override
  public final Future<Done> cancelAwait(int shard, CancelAwait cancel) {
    return typed(shard, cancel);
  }

  @Override
  public final Future<ListOffsetsReply> listOffsets(int shard, ListOffsets ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<EpochEndReply> epochEnd(int shard, EpochEnd ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<BecomeReply> become(int shard, Become order) {
    return typed(shard, order);
  }

  @Override
  public final Future<StopReply> stop(int shard, Stop order) {
    return typed(shard, order);
  }

  @Override
  public final Future<Done> configure(int shard, Configure order) {
    return typed(shard, order);
  }

  @Override
  public final Future<DeleteRecordsReply> deleteRecords(int shard, DeleteRecords ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<DescribeProducersReply> describeProducers(int shard, DescribeProducers ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<DescribeLogsReply> describeLogs(int shard, DescribeLogs ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<MeasureReply> measure(int shard) {
    return typed(shard, Measure.ALL);
  }

  @Override
  public final Future<FindCleanableReply> findCleanable(int shard, FindCleanable ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<BeginCleaningReply> beginCleaning(int shard, BeginCleaning ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<ContinueCleaningReply> continueCleaning(int shard, ContinueCleaning ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<SwapSegmentsReply> swapSegments(int shard, SwapSegments ask) {
    return typed(shard, ask);
  }

  @Override
  public final Future<Done> endCleaning(int shard, EndCleaning ask) {
    return typed(shard, ask);
  }
}
