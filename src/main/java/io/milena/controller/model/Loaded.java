package io.milena.controller.model;

import io.milena.metadata.BrokerImage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * What a controller read from ZooKeeper after its election (R7).
 *
 * @param brokers registered brokers
 * @param topics all topics
 * @param topicConfigs settings by topic name, for every settings znode there is
 * @param brokerConfigs settings by broker id, -1 the cluster-wide default
 * @param groupConfigs settings by group id, for every settings znode there is
 * @param deletions topics marked for deletion
 */
public record Loaded(
    List<BrokerImage> brokers,
    List<Topic> topics,
    Map<String, Map<String, String>> topicConfigs,
    Map<Integer, Map<String, String>> brokerConfigs,
    Map<String, Map<String, String>> groupConfigs,
    Set<String> deletions) {

  /**
   * A topic as its znodes say.
   *
   * @param id null when it was written before topic ids
   * @param replicas assigned brokers by partition
   * @param adding of a reassignment under way
   * @param removing of a reassignment under way
   * @param states by partition; one without a state was never led
   */
  public record Topic(
      String name,
      Uuid id,
      Map<Integer, List<Integer>> replicas,
      Map<Integer, List<Integer>> adding,
      Map<Integer, List<Integer>> removing,
      Map<Integer, State> states) {}

  /**
   * A partition's state znode.
   *
   * @param version of the znode
   * @param writtenAt transaction id of its last write: below a broker's epoch means that it was
   *     decided for an earlier incarnation of that broker (R5)
   */
  public record State(
      int leader, int leaderEpoch, List<Integer> isr, int version, long writtenAt) {}
}
