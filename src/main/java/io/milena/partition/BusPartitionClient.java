package io.milena.partition;

import io.milena.bus.LocalCodec;
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
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * The client over the local event bus. Stateless but for the addresses; usable from any event loop.
 */
final class BusPartitionClient implements PartitionClient {
  private static final int HASH_OF_PARTITION = 0x9E3779B9;

  /** The timeout means nothing where the bus is not asked for a reply. */
  private static final DeliveryOptions ONE_WAY =
      LocalCodec.options(DeliveryOptions.DEFAULT_TIMEOUT);

  private final Vertx vertx;
  private final List<MessageProducer<Envelope>> shards;

  BusPartitionClient(Vertx vertx, int shards) {
    this.vertx = vertx;
    List<MessageProducer<Envelope>> senders = new ArrayList<>(shards);
    for (int shard = 0; shard < shards; shard++) {
      senders.add(vertx.eventBus().sender(PartitionVerticle.address(shard), ONE_WAY));
    }
    this.shards = List.copyOf(senders);
  }

  @Override
  public int shards() {
    return shards.size();
  }

  @Override
  public int shardOf(String topic, int partition) {
    // Neighbouring partitions of a topic go to neighbouring shards; topics start anywhere.
    int spread = topic.hashCode() * HASH_OF_PARTITION;
    return Math.floorMod((spread >>> 8) + partition, shards.size());
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

  /**
   * The reply types are fixed by the table of {@link PartitionClient}: a request has one answer.
   */
  @SuppressWarnings("unchecked")
  private <R> Future<R> ask(int shard, Request request) {
    PromiseInternal<Object> answer = ((ContextInternal) vertx.getOrCreateContext()).promise();
    shards
        .get(shard)
        .write(new Envelope(request, answer))
        .onFailure(
            noHandler -> {
              if (request instanceof Append append) {
                append.parts().forEach(part -> part.records().release());
              }
              answer.tryFail(noHandler);
            });
    return (Future<R>) (Future<?>) answer.future();
  }
}
