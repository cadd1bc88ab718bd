package io.milena.partition;

import io.milena.base.Clock;
import io.milena.bus.Addresses;
import io.milena.bus.LocalCodec;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.Envelope;
import io.milena.partition.PartitionMessages.Request;
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
final class BusPartitionClient extends TypedPartitionClient {
  private static final int HASH_OF_PARTITION = 0x9E3779B9;

  /** The timeout means nothing where the bus is not asked for a reply. */
  private static final DeliveryOptions ONE_WAY =
      LocalCodec.options(DeliveryOptions.DEFAULT_TIMEOUT);

  private final Vertx vertx;
  private final Clock clock;
  private final List<MessageProducer<Envelope>> shards;

  BusPartitionClient(Vertx vertx, int shards, Clock clock) {
    this.vertx = vertx;
    this.clock = clock;
    List<MessageProducer<Envelope>> senders = new ArrayList<>(shards);
    for (int shard = 0; shard < shards; shard++) {
      senders.add(vertx.eventBus().sender(Addresses.partition(shard), ONE_WAY));
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
  protected Future<?> ask(int shard, Request request) {
    PromiseInternal<Object> answer = ((ContextInternal) vertx.getOrCreateContext()).promise();
    shards
        .get(shard)
        .write(new Envelope(request, answer, clock.monotonicNs()))
        .onFailure(
            noHandler -> {
              if (request instanceof Append append) {
                append.parts().forEach(part -> part.records().release());
              }
              answer.tryFail(noHandler);
            });
    return answer.future();
  }
}
