package io.milena.metadata;

import java.util.List;
import java.util.Map;

/**
 * A numbered change of the cluster image; with {@code snapshot} set it is the whole image.
 *
 * @param clusterId of the cluster
 * @param controllerId broker id of the author
 * @param controllerEpoch epoch of the author (R4)
 * @param number under {@code controllerEpoch}, rising by one with each delta
 * @param snapshot true when everything not named here is gone
 * @param brokers new or changed brokers
 * @param brokersGone ids of brokers that left
 * @param topics new or changed topics, each whole
 * @param topicsGone names of deleted topics; applied before {@code topics}
 * @param brokerConfigs new or changed dynamic broker settings by broker id (-1 cluster default),
 *     each map whole
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
    Map<Integer, Map<String, String>> brokerConfigs) {
  public ImageDelta {
    brokers = List.copyOf(brokers);
    brokersGone = List.copyOf(brokersGone);
    topics = List.copyOf(topics);
    topicsGone = List.copyOf(topicsGone);
    brokerConfigs = Map.copyOf(brokerConfigs);
  }
}
