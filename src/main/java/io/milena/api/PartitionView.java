package io.milena.api;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * How clients of one listener see a partition: who leads, which replicas are away.
 *
 * @param error NONE, LEADER_NOT_AVAILABLE, or LISTENER_NOT_FOUND when the leader lacks the listener
 * @param leader broker id, -1 when there is an error
 * @param offline replicas that are not alive or lack the listener
 */
record PartitionView(Errors error, int leader, List<Integer> offline) {
  static PartitionView of(ClusterImage image, PartitionImage partition, String listener) {
    List<Integer> offline = List.of();
    for (int replica : partition.replicas()) {
      if (!reachable(image, replica, listener)) {
        offline =
            partition.replicas().stream().filter(r -> !reachable(image, r, listener)).toList();
        break;
      }
    }
    BrokerImage leader = image.brokers().get(partition.leader());
    if (leader == null || leader.fenced()) {
      return new PartitionView(Errors.LEADER_NOT_AVAILABLE, PartitionImage.NO_LEADER, offline);
    }
    if (leader.endpoint(listener).isEmpty()) {
      return new PartitionView(Errors.LISTENER_NOT_FOUND, PartitionImage.NO_LEADER, offline);
    }
    return new PartitionView(Errors.NONE, partition.leader(), offline);
  }

  private static boolean reachable(ClusterImage image, int id, String listener) {
    BrokerImage broker = image.brokers().get(id);
    return broker != null && !broker.fenced() && broker.endpoint(listener).isPresent();
  }
}
