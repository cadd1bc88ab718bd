package io.milena.metadata;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * The whole cluster as one broker knows it; immutable, published by the node verticle, read
 * anywhere. {@code number} counts deltas under one {@code controllerEpoch} (R4, R7).
 */
public final class ClusterImage {
  /** {@code controllerId} when none is known. */
  public static final int NO_CONTROLLER = -1;

  private final String clusterId;
  private final int controllerId;
  private final int controllerEpoch;
  private final long number;
  private final Map<Integer, BrokerImage> brokers;
  private final Map<String, TopicImage> topics;
  private final Map<Uuid, String> namesById;
  private final Map<Integer, Map<String, String>> brokerConfigs;
  private final Map<String, Map<String, String>> groupConfigs;

  /** The topics by name, and their names by id. */
  private record Topics(Map<String, TopicImage> byName, Map<Uuid, String> namesById) {}

  /** Settings of brokers by id, and of groups by group id. */
  private record Configs(
      Map<Integer, Map<String, String>> brokers, Map<String, Map<String, String>> groups) {}

  private ClusterImage(
      String clusterId,
      int controllerId,
      int controllerEpoch,
      long number,
      Map<Integer, BrokerImage> brokers,
      Topics topics,
      Configs configs) {
    this.clusterId = clusterId;
    this.controllerId = controllerId;
    this.controllerEpoch = controllerEpoch;
    this.number = number;
    this.brokers = Collections.unmodifiableMap(brokers);
    this.topics = Collections.unmodifiableMap(topics.byName());
    this.namesById = Collections.unmodifiableMap(topics.namesById());
    this.brokerConfigs = Collections.unmodifiableMap(configs.brokers());
    this.groupConfigs = Collections.unmodifiableMap(configs.groups());
  }

  /** The image before the first update: no brokers, no topics, no controller. */
  public static ClusterImage empty(String clusterId) {
    return new ClusterImage(
        clusterId,
        NO_CONTROLLER,
        -1,
        -1,
        Map.of(),
        new Topics(Map.of(), Map.of()),
        new Configs(Map.of(), Map.of()));
  }

  /**
   * This image after {@code delta}; a delta with {@code snapshot} set replaces everything. Does not
   * judge numbers or epochs: that is the node's work.
   */
  public ClusterImage with(ImageDelta delta) {
    Map<Integer, BrokerImage> newBrokers =
        delta.snapshot() ? new TreeMap<>() : new TreeMap<>(brokers);
    delta.brokersGone().forEach(newBrokers::remove);
    delta.brokers().forEach(b -> newBrokers.put(b.id(), b));

    return new ClusterImage(
        delta.clusterId(),
        delta.controllerId(),
        delta.controllerEpoch(),
        delta.number(),
        newBrokers,
        topicsWith(delta),
        new Configs(brokerConfigsWith(delta), groupConfigsWith(delta)));
  }

  /** The same maps when the delta says nothing of topics. */
  private Topics topicsWith(ImageDelta delta) {
    if (!delta.snapshot() && delta.topics().isEmpty() && delta.topicsGone().isEmpty()) {
      return new Topics(topics, namesById);
    }
    Map<String, TopicImage> newTopics = delta.snapshot() ? new HashMap<>() : new HashMap<>(topics);
    Map<Uuid, String> newNames = delta.snapshot() ? new HashMap<>() : new HashMap<>(namesById);
    for (String gone : delta.topicsGone()) {
      TopicImage old = newTopics.remove(gone);
      if (old != null) {
        newNames.remove(old.id());
      }
    }
    for (TopicImage topic : delta.topics()) {
      TopicImage old = newTopics.put(topic.name(), topic);
      if (old != null && !old.id().equals(topic.id())) {
        newNames.remove(old.id());
      }
      if (!topic.id().equals(Uuid.ZERO_UUID)) {
        newNames.put(topic.id(), topic.name());
      }
    }
    return new Topics(newTopics, newNames);
  }

  private Map<Integer, Map<String, String>> brokerConfigsWith(ImageDelta delta) {
    if (!delta.snapshot() && delta.brokerConfigs().isEmpty()) {
      return brokerConfigs;
    }
    Map<Integer, Map<String, String>> configs =
        delta.snapshot() ? new HashMap<>() : new HashMap<>(brokerConfigs);
    configs.putAll(delta.brokerConfigs());
    return configs;
  }

  private Map<String, Map<String, String>> groupConfigsWith(ImageDelta delta) {
    if (!delta.snapshot() && delta.groupConfigs().isEmpty()) {
      return groupConfigs;
    }
    Map<String, Map<String, String>> configs =
        delta.snapshot() ? new HashMap<>() : new HashMap<>(groupConfigs);
    configs.putAll(delta.groupConfigs());
    configs.values().removeIf(Map::isEmpty);
    return configs;
  }

  public String clusterId() {
    return clusterId;
  }

  /** Broker id of the controller, or {@link #NO_CONTROLLER}. */
  public int controllerId() {
    return controllerId;
  }

  public int controllerEpoch() {
    return controllerEpoch;
  }

  /** Number of the last applied delta under {@link #controllerEpoch()}; -1 before the first. */
  public long number() {
    return number;
  }

  /** Live brokers by id, ascending. */
  public Map<Integer, BrokerImage> brokers() {
    return brokers;
  }

  /** Topics by name, in no order. */
  public Map<String, TopicImage> topics() {
    return topics;
  }

  /** The topic of that name, or null. */
  public TopicImage topic(String name) {
    return topics.get(name);
  }

  /** The topic of that id, or null. */
  public TopicImage topic(Uuid id) {
    String name = namesById.get(id);
    return name == null ? null : topics.get(name);
  }

  /** The partition, or null when topic or number is unknown. */
  public PartitionImage partition(String topic, int partition) {
    TopicImage image = topics.get(topic);
    return image == null ? null : image.partition(partition);
  }

  /**
   * Dynamic broker settings of {@code /config/brokers}, by broker id; -1 holds the cluster-wide
   * default ones.
   */
  public Map<Integer, Map<String, String>> brokerConfigs() {
    return brokerConfigs;
  }

  /**
   * Settings of single groups by group id, in no order; groups without any are not there. The same
   * map from image to image as long as none changed.
   */
  public Map<String, Map<String, String>> groupConfigs() {
    return groupConfigs;
  }
}
