package io.milena.group;

import io.milena.base.Clock;
import io.milena.group.GroupMessages.Coordinator;
import io.milena.group.GroupMessages.Summary;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The door to the group coordinators of this process. Usable from any event loop; answers arrive on
 * the caller's context. Refusals are values in the answer's body; a future fails only when the
 * verticles are stopped.
 */
public interface GroupClient {
  /** The internal topic of all groups. */
  String TOPIC = "__consumer_offsets";

  /**
   * The client of the verticles that are (or will be) deployed on {@code vertx}, where {@code
   * bus.Codecs} are registered.
   *
   * @param verticles number of {@link GroupVerticle}s
   * @param brokerId ours
   */
  static GroupClient create(
      Vertx vertx, int verticles, int brokerId, Supplier<ClusterImage> image, Clock clock) {
    return new BusGroupClient(vertx, verticles, brokerId, image, clock);
  }

  /** The partition of {@link #TOPIC} that keeps the group; -1 while there is no such topic. */
  int partitionOf(String groupId);

  /**
   * Which broker coordinates the group. On first need the topic is created, which may take as long
   * as a topic's creation; later it is read from the image at once.
   */
  Future<Coordinator> find(String groupId);

  /**
   * Asks the coordinator of the request's group. The answer may take as long as the API allows, for
   * a JoinGroup the rebalance timeout. NOT_COORDINATOR when it is not in this process,
   * COORDINATOR_LOAD_IN_PROGRESS while it loads, COORDINATOR_NOT_AVAILABLE while there is no topic
   * or too much waits, each as the API tells errors.
   *
   * @param request with a group id
   */
  Future<ApiMessage> ask(GroupRequest request);

  /**
   * Asks every coordinator of this process, loading ones too (they refuse): ListGroups. Empty when
   * this broker leads none.
   *
   * @param request without a group id
   */
  Future<List<ApiMessage>> askAll(GroupRequest request);

  /**
   * Tells of a new image: coordinators work by it from now on. Those of partitions of {@link
   * #TOPIC} that this broker leads under it start to load; those of others are unloaded, those of
   * an older leader epoch too. Answered when everybody has heard it, not when they have loaded. The
   * partitions must have become what the image says before.
   */
  Future<Void> follow(ClusterImage now);

  /** What the coordinators of this process hold, for metrics. */
  Future<Summary> summary();
}
