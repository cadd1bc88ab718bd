package io.milena.metadata;

import java.util.List;
import java.util.Map;

/**
 * A numbered change of the cluster image; with {@code snapshot} set it is the whole image. Brokers
 * and topics are named with their whole new state, never with a difference, so that applying a
 * delta twice, or one that repeats what the last one said, changes nothing. Absent lists (from an
 * older author) are empty.
 *
 * @param clusterId of the cluster
 * @param controllerId broker id of the author
 * @param controllerEpoch epoch of the author (R4)
 * @param number under {@code controllerEpoch}, rising with each delta; deltas on their way to a
 *     slow broker are merged, so that for it numbers may be left out
 * @param snapshot true when everything not named here is gone
 * @param brokers new or changed brokers
 * @param brokersGone ids of brokers that left
 * @param topics new or changed topics, each whole
 * @param topicsGone names of deleted topics; applied before {@code topics}
 * @param brokerConfigs new or changed dynamic broker settings by broker id (-1 cluster default),
 *     each map whole
 * @param groupConfigs new or changed settings of groups by group id, each map whole; an empty one
 *     for a group that has none any more
 */
public record ImageDelta(
    String clusterId,
    int controllerId,
    int controllerEpoch,
    long number,
    boolean snapshot,
    List<BrokerImage> brokers,
    List<Integer> brokersGone,
    List<TopicImage> topics,
    List<String> topicsGone,
    Map<Integer, Map<String, String>> brokerConfigs,
    Map<String, Map<String, String>> groupConfigs) {
  public ImageDelta {
    brokers = brokers == null ? List.of() : List.copyOf(brokers);
    brokersGone = brokersGone == null ? List.of() : List.copyOf(brokersGone);
    topics = topics == null ? List.of() : List.copyOf(topics);
    topicsGone = topicsGone == null ? List.of() : List.copyOf(topicsGone);
    brokerConfigs = brokerConfigs == null ? Map.of() : Map.copyOf(brokerConfigs);
    groupConfigs = groupConfigs == null ? Map.of() : Map.copyOf(groupConfigs);
  }
}
