package io.milena.controller;

import io.milena.bus.Asking;
import io.milena.controller.ControllerMessages.NodeReport;
import io.milena.controller.ControllerMessages.NodeReportReply;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;

/**
 * The door to the controller, wherever it is. A request is sent to the present controller and, when
 * that one has gone or sleeps, to the next, until the deadline. Usable from any event loop; the
 * answer arrives on the caller's context. A future fails only with Kafka's {@code ApiException}s:
 * {@code TimeoutException} when the deadline passed (the change may have happened all the same).
 *
 * <p>An answer comes when the change is in ZooKeeper and the live brokers have taken it over, or
 * have had a second for it: a created topic is writable when its answer arrives.
 */
public interface ControllerClient {
  /** Creates topics; duplicates in the request are refused before. */
  Future<CreateTopicsResponseData> createTopics(CreateTopicsRequestData request, int timeoutMs);

  /** Deletes topics, named in {@code topics} by name or id (never in {@code topicNames}). */
  Future<DeleteTopicsResponseData> deleteTopics(DeleteTopicsRequestData request, int timeoutMs);

  /** Adds partitions to topics. */
  Future<CreatePartitionsResponseData> createPartitions(
      CreatePartitionsRequestData request, int timeoutMs);

  /**
   * Changes settings of topics, brokers (resource name "" for all brokers) and groups: writes
   * {@code /config/topics/T} or {@code /config/brokers/N} and a notice under {@code
   * /config/changes}, or {@code /milena/config/groups/G}. Only SET and DELETE of {@code
   * AlterConfigOp.OpType}, the values already judged and, for lists, already merged.
   */
  Future<IncrementalAlterConfigsResponseData> alterConfigs(
      IncrementalAlterConfigsRequestData request, int timeoutMs);

  /** A block of producer ids for this broker that nobody had before (R39). */
  Future<AllocateProducerIdsResponseData> allocateProducerIds(long brokerEpoch, int timeoutMs);

  /** The node's heartbeat: one attempt, the next one is due soon anyway. */
  Future<NodeReportReply> report(NodeReport report, int timeoutMs);

  /**
   * The client over the event bus.
   *
   * @param image says who is controller
   * @param brokerId ours
   */
  static ControllerClient overBus(
      Vertx vertx, Supplier<ClusterImage> image, int brokerId, Asking.Tools tools) {
    return new BusControllerClient(vertx, image, brokerId, tools);
  }
}
