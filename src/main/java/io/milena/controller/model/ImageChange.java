package io.milena.controller.model;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A change of the image under construction: what several plans change, merged; later wins. Mutable,
 * owned by whoever gathers.
 */
public final class ImageChange {
  private final Map<Integer, BrokerImage> brokers = new LinkedHashMap<>();
  private final Set<Integer> brokersGone = new LinkedHashSet<>();
  private final Map<String, TopicImage> topics = new LinkedHashMap<>();
  private final Set<String> topicsGone = new LinkedHashSet<>();
  private final Map<Integer, Map<String, String>> brokerConfigs = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> groupConfigs = new LinkedHashMap<>();

  /** A new or changed broker. */
  public void broker(BrokerImage broker) {
    brokersGone.remove(broker.id());
    brokers.put(broker.id(), broker);
  }

  /** A broker that left. */
  public void brokerGone(int id) {
    brokers.remove(id);
    brokersGone.add(id);
  }

  /** A new or changed topic. */
  public void topic(TopicImage topic) {
    topics.put(topic.name(), topic);
  }

  /** A topic that is no more; a later topic of the same name is another one. */
  public void topicGone(String name) {
    topics.remove(name);
    topicsGone.add(name);
  }

  /** The whole new settings of a broker. */
  public void brokerConfig(int id, Map<String, String> configs) {
    brokerConfigs.put(id, Map.copyOf(configs));
  }

  /** The whole new settings of a group, empty when it has none any more. */
  public void groupConfig(String groupId, Map<String, String> configs) {
    groupConfigs.put(groupId, Map.copyOf(configs));
  }

  /** True when nothing changed. */
  public boolean isEmpty() {
    return brokers.isEmpty()
        && brokersGone.isEmpty()
        && topics.isEmpty()
        && topicsGone.isEmpty()
        && brokerConfigs.isEmpty()
        && groupConfigs.isEmpty();
  }

  /** Adds what came later. */
  public void merge(ImageChange later) {
    later.brokersGone.forEach(this::brokerGone);
    later.brokers.values().forEach(this::broker);
    later.topicsGone.forEach(this::topicGone);
    later.topics.values().forEach(this::topic);
    brokerConfigs.putAll(later.brokerConfigs);
    groupConfigs.putAll(later.groupConfigs);
  }

  /** Adds a delta that came later and is no snapshot. */
  public void merge(ImageDelta later) {
    later.brokersGone().forEach(this::brokerGone);
    later.brokers().forEach(this::broker);
    later.topicsGone().forEach(this::topicGone);
    later.topics().forEach(this::topic);
    brokerConfigs.putAll(later.brokerConfigs());
    groupConfigs.putAll(later.groupConfigs());
  }

  /** As a delta of that author and number. */
  public ImageDelta toDelta(
      String clusterId, int controllerId, int controllerEpoch, long number, boolean snapshot) {
    return new ImageDelta(
        clusterId,
        controllerId,
        controllerEpoch,
        number,
        snapshot,
        new ArrayList<>(brokers.values()),
        new ArrayList<>(brokersGone),
        new ArrayList<>(topics.values()),
        new ArrayList<>(topicsGone),
        brokerConfigs,
        groupConfigs);
  }

  /** New or changed topics so far. */
  public List<TopicImage> topics() {
    return List.copyOf(topics.values());
  }

  /** Names of topics that went. */
  public Set<String> topicsGone() {
    return Set.copyOf(topicsGone);
  }
}
