package io.milena.group;

import io.milena.base.Clock;
import io.milena.bus.Addresses;
import io.milena.bus.LocalCodec;
import io.milena.group.GroupMessages.Ask;
import io.milena.group.GroupMessages.AskAll;
import io.milena.group.GroupMessages.Coordinator;
import io.milena.group.GroupMessages.Count;
import io.milena.group.GroupMessages.CreateTopic;
import io.milena.group.GroupMessages.Follow;
import io.milena.group.GroupMessages.Lead;
import io.milena.group.GroupMessages.Request;
import io.milena.group.GroupMessages.Summary;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * The client over the local event bus. Stateless but for the addresses; usable from any event loop.
 */
final class BusGroupClient implements GroupClient {
  private static final int NO_BROKER = -1;
  private static final Coordinator NOT_AVAILABLE =
      new Coordinator(Errors.COORDINATOR_NOT_AVAILABLE, NO_BROKER);

  /** The timeout means nothing where the bus is not asked for a reply. */
  private static final DeliveryOptions ONE_WAY =
      LocalCodec.options(DeliveryOptions.DEFAULT_TIMEOUT);

  private final Vertx vertx;
  private final int brokerId;
  private final Supplier<ClusterImage> image;
  private final Clock clock;
  private final List<MessageProducer<GroupEnvelope>> verticles;

  BusGroupClient(
      Vertx vertx, int verticles, int brokerId, Supplier<ClusterImage> image, Clock clock) {
    this.vertx = vertx;
    this.brokerId = brokerId;
    this.image = image;
    this.clock = clock;
    List<MessageProducer<GroupEnvelope>> senders = new ArrayList<>(verticles);
    for (int i = 0; i < verticles; i++) {
      senders.add(vertx.eventBus().sender(Addresses.group(i), ONE_WAY));
    }
    this.verticles = List.copyOf(senders);
  }

  @Override
  public int partitionOf(String groupId) {
    return partitionOf(image.get().topic(TOPIC), groupId);
  }

  /** Kafka's rule, so that a log written by Kafka is read by the same coordinators. */
  private static int partitionOf(TopicImage topic, String groupId) {
    if (topic == null || topic.partitions().isEmpty()) {
      return -1;
    }
    int hash = groupId.hashCode();
    int positive = hash == Integer.MIN_VALUE ? 0 : Math.abs(hash);
    return positive % topic.partitions().size();
  }

  @Override
  public Future<Coordinator> find(String groupId) {
    if (image.get().topic(TOPIC) != null) {
      return Future.succeededFuture(leader(groupId));
    }
    return this.<Errors>send(0, new CreateTopic())
        .map(
            error ->
                error == Errors.NONE || image.get().topic(TOPIC) != null
                    ? leader(groupId)
                    : new Coordinator(error, NO_BROKER));
  }

  private Coordinator leader(String groupId) {
    TopicImage topic = image.get().topic(TOPIC);
    int number = partitionOf(topic, groupId);
    PartitionImage partition = number < 0 ? null : topic.partition(number);
    return partition == null || partition.leader() == PartitionImage.NO_LEADER
        ? NOT_AVAILABLE
        : new Coordinator(Errors.NONE, partition.leader());
  }

  @Override
  public Future<ApiMessage> ask(GroupRequest request) {
    TopicImage topic = image.get().topic(TOPIC);
    int number = partitionOf(topic, request.groupId());
    if (number < 0) {
      return refusal(request, Errors.COORDINATOR_NOT_AVAILABLE);
    }
    if (topic.partition(number).leader() != brokerId) {
      return refusal(request, Errors.NOT_COORDINATOR);
    }
    return send(verticleOf(number), new Ask(number, request));
  }

  private static Future<ApiMessage> refusal(GroupRequest request, Errors error) {
    return Future.succeededFuture(GroupRefusals.of(request, error));
  }

  private int verticleOf(int partition) {
    return partition % verticles.size();
  }

  @Override
  public Future<List<ApiMessage>> askAll(GroupRequest request) {
    return this.<List<ApiMessage>>sendAll(new AskAll(request))
        .map(lists -> lists.stream().flatMap(List::stream).toList());
  }

  @Override
  public Future<Void> follow(ClusterImage now) {
    List<Lead> led = led(now.topic(TOPIC));
    List<Future<?>> heard = new ArrayList<>();
    for (int i = 0; i < verticles.size(); i++) {
      int verticle = i;
      List<Lead> ofVerticle =
          led.stream().filter(one -> verticleOf(one.partition()) == verticle).toList();
      heard.add(send(verticle, new Follow(now, ofVerticle)));
    }
    return Future.join(heard).mapEmpty();
  }

  private List<Lead> led(TopicImage topic) {
    List<Lead> led = new ArrayList<>();
    if (topic != null) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.leader() == brokerId) {
          led.add(new Lead(partition.partition(), partition.leaderEpoch()));
        }
      }
    }
    return led;
  }

  @Override
  public Future<Summary> summary() {
    return this.<Summary>sendAll(new Count()).map(Summary::sum);
  }

  private <R> Future<List<R>> sendAll(Request request) {
    List<Future<R>> answers = new ArrayList<>();
    for (int i = 0; i < verticles.size(); i++) {
      answers.add(send(i, request));
    }
    return Future.all(answers).map(all -> all.list());
  }

  @SuppressWarnings("unchecked") // GroupMessages gives every request one type of answer
  private <R> Future<R> send(int verticle, Request request) {
    PromiseInternal<Object> answer = ((ContextInternal) vertx.getOrCreateContext()).promise();
    verticles
        .get(verticle)
        .write(new GroupEnvelope(request, answer, clock.monotonicNs()))
        .onFailure(answer::tryFail);
    return (Future<R>) (Future<?>) answer.future();
  }
}
