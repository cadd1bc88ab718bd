package io.milena.api;

import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AppendReply;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomeReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DeleteRecordsReply;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.DescribeLogsReply;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.DescribeProducersReply;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.ListOffsetsReply;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.partition.PartitionMessages.Request;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopReply;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Shards that answer as a test says and remember what they were asked. */
final class ScriptedPartitions implements PartitionClient {
  /** A question as it reached a shard. */
  record Asked(int shard, Request request) {}

  final List<Asked> asked = new ArrayList<>();
  private final Map<Class<?>, BiFunction<Integer, Request, Future<?>>> script = new HashMap<>();
  private final int shards;

  ScriptedPartitions(int shards) {
    this.shards = shards;
  }

  /** Sets what shards answer to requests of a type. */
  @SuppressWarnings("unchecked")
  <Q extends Request> ScriptedPartitions on(
      Class<Q> type, BiFunction<Integer, Q, Future<?>> answer) {
    script.put(type, (BiFunction<Integer, Request, Future<?>>) (BiFunction<?, ?, ?>) answer);
    return this;
  }

  /** What was asked of a type, in order. */
  <Q extends Request> List<Q> asked(Class<Q> type) {
    return asked.stream().map(Asked::request).filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public int shards() {
    return shards;
  }

  /** The partition's number decides, so that a test sees at once who owns what. */
  @Override
  public int shardOf(String topic, int partition) {
    return partition % shards;
  }

  @SuppressWarnings("unchecked")
  private <R> Future<R> ask(int shard, Request request) {
    asked.add(new Asked(shard, request));
    BiFunction<Integer, Request, Future<?>> answer = script.get(request.getClass());
    if (answer == null) {
      return Future.failedFuture(new AssertionError("nobody expects " + request));
    }
    return (Future<R>) answer.apply(shard, request);
  }

  @Override
  public Future<AppendReply> append(int shard, Append append) {
    return ask(shard, append);
  }

  @Override
  public Future<ReadReply> read(int shard, Read read) {
    return ask(shard, read);
  }

  @Override
  public Future<AwaitGrowthReply> awaitGrowth(int shard, AwaitGrowth await) {
    return ask(shard, await);
  }

  @Override
  public Future<Done> cancelAwait(int shard, CancelAwait cancel) {
    return ask(shard, cancel);
  }

  @Override
  public Future<ListOffsetsReply> listOffsets(int shard, ListOffsets ask) {
    return ask(shard, ask);
  }

  @Override
  public Future<EpochEndReply> epochEnd(int shard, EpochEnd ask) {
    return ask(shard, ask);
  }

  @Override
  public Future<BecomeReply> become(int shard, Become order) {
    return ask(shard, order);
  }

  @Override
  public Future<StopReply> stop(int shard, Stop order) {
    return ask(shard, order);
  }

  @Override
  public Future<Done> configure(int shard, Configure order) {
    return ask(shard, order);
  }

  @Override
  public Future<DeleteRecordsReply> deleteRecords(int shard, DeleteRecords ask) {
    return ask(shard, ask);
  }

  @Override
  public Future<DescribeProducersReply> describeProducers(int shard, DescribeProducers ask) {
    return ask(shard, ask);
  }

  @Override
  public Future<DescribeLogsReply> describeLogs(int shard, DescribeLogs ask) {
    return ask(shard, ask);
  }
}
