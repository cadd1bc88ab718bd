package io.milena.controller.model;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metadata.TopicNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the controller holds of the cluster: the mutable twin of the image. It runs ahead of
 * ZooKeeper by the plans under way; when one fails it is thrown away and read anew. Owned by {@link
 * ControllerMachine}.
 */
final class ControllerState {
  final Map<Integer, BrokerImage> brokers = new TreeMap<>();
  final Set<Integer> stopping = new HashSet<>();
  final Map<String, TopicImage> topics = new HashMap<>();

  /** Names by their form in metric names; names of one set collide. */
  private final Map<String, Set<String>> byCollisionKey = new HashMap<>();

  /** Topics out of the image whose znodes are still there. */
  final Set<String> deleting = new HashSet<>();

  /** Topics that have a settings znode, whether or not the topic exists. */
  final Map<String, Map<String, String>> topicConfigs = new HashMap<>();

  final Map<Integer, Map<String, String>> brokerConfigs = new HashMap<>();

  /** Groups that have a settings znode, even an empty one. */
  final Map<String, Map<String, String>> groupConfigs = new HashMap<>();

  /** Brokers that may lead or be in sync. */
  Set<Integer> live() {
    Set<Integer> live = new HashSet<>();
    for (BrokerImage broker : brokers.values()) {
      if (!broker.fenced() && !stopping.contains(broker.id())) {
        live.add(broker.id());
      }
    }
    return live;
  }

  /** Where new replicas may go. */
  List<ReplicaPlacement.Candidate> candidates() {
    List<ReplicaPlacement.Candidate> candidates = new ArrayList<>();
    for (BrokerImage broker : brokers.values()) {
      if (!broker.fenced() && !stopping.contains(broker.id())) {
        candidates.add(new ReplicaPlacement.Candidate(broker.id(), broker.rack()));
      }
    }
    return candidates;
  }

  void put(TopicImage topic) {
    if (topics.put(topic.name(), topic) == null) {
      byCollisionKey
          .computeIfAbsent(TopicNames.collisionKey(topic.name()), k -> new TreeSet<>())
          .add(topic.name());
    }
  }

  void remove(String topic) {
    topics.remove(topic);
    String key = TopicNames.collisionKey(topic);
    Set<String> names = byCollisionKey.get(key);
    if (names != null && names.remove(topic) && names.isEmpty()) {
      byCollisionKey.remove(key);
    }
  }

  /** Another topic whose name collides with this one, or null. */
  String colliding(String topic) {
    for (String other : byCollisionKey.getOrDefault(TopicNames.collisionKey(topic), Set.of())) {
      if (!other.equals(topic)) {
        return other;
      }
    }
    return null;
  }

  /** The topic with some partitions replaced, put in place. */
  TopicImage replace(TopicImage topic, Map<Integer, PartitionImage> changed) {
    List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
    changed.forEach((p, image) -> partitions.set(p, image));
    TopicImage replaced = new TopicImage(topic.name(), topic.id(), partitions, topic.configs());
    put(replaced);
    return replaced;
  }

  /** Everything, as the content of a snapshot. */
  ImageChange snapshot() {
    ImageChange all = new ImageChange();
    brokers.values().forEach(all::broker);
    topics.values().forEach(all::topic);
    brokerConfigs.forEach(all::brokerConfig);
    groupConfigs.forEach(all::groupConfig);
    return all;
  }

  /** As the image has them: without groups whose settings znode is empty. */
  Map<String, Map<String, String>> liveGroupConfigs() {
    Map<String, Map<String, String>> live = new HashMap<>(groupConfigs);
    live.values().removeIf(Map::isEmpty);
    return live;
  }

  /** The topic's own settings, never null. */
  Map<String, String> configsOf(String topic) {
    return topicConfigs.getOrDefault(topic, Map.of());
  }
}
