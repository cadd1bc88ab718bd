package io.milena.zookeeper.layout;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Every path of Kafka 3.9's layout in ZooKeeper that Milena touches, relative to the chroot, and
 * Milena's own ones below {@link #MILENA}. Pure names, no state.
 */
public final class Paths {
  public static final String CLUSTER_ID = "/cluster/id";
  public static final String BROKER_IDS = "/brokers/ids";
  public static final String BROKER_SEQUENCE_ID = "/brokers/seqid";
  public static final String TOPICS = "/brokers/topics";
  public static final String CONTROLLER = "/controller";
  public static final String CONTROLLER_EPOCH = "/controller_epoch";
  public static final String CONFIG_CHANGES = "/config/changes";
  public static final String DELETE_TOPICS = "/admin/delete_topics";
  public static final String REASSIGN_PARTITIONS = "/admin/reassign_partitions";
  public static final String PREFERRED_REPLICA_ELECTION = "/admin/preferred_replica_election";
  public static final String ISR_CHANGES = "/isr_change_notification";
  public static final String LOG_DIR_EVENTS = "/log_dir_event_notification";
  public static final String PRODUCER_ID_BLOCK = "/latest_producer_id_block";
  public static final String MIGRATION = "/migration";
  public static final String CONSUMERS = "/consumers";

  /** Root of what Kafka does not know and ignores. */
  public static final String MILENA = "/milena";

  /** Root of the Vert.x cluster. */
  public static final String MILENA_BUS = "/milena/bus";

  /** Settings of groups, which Kafka 3.9 does not keep in ZooKeeper. */
  public static final String MILENA_GROUP_CONFIGS = "/milena/config/groups";

  /** Name that stands for "all entities without own settings" below {@code /config}. */
  public static final String DEFAULT_ENTITY = "<default>";

  /**
   * What Kafka makes sure of at start, parents left out: a broker may rely on these existing, all
   * persistent and (but for later writers) without data.
   */
  public static final List<String> PERSISTENT =
      List.of(
          CONSUMERS,
          BROKER_IDS,
          TOPICS,
          CONFIG_CHANGES,
          DELETE_TOPICS,
          BROKER_SEQUENCE_ID,
          ISR_CHANGES,
          PRODUCER_ID_BLOCK,
          LOG_DIR_EVENTS,
          "/config/topics",
          "/config/clients",
          "/config/users",
          "/config/brokers",
          "/config/ips",
          MILENA_BUS,
          MILENA_GROUP_CONFIGS);

  private Paths() {}

  /** The ephemeral znode of a broker; its czxid is the broker epoch. */
  public static String broker(int brokerId) {
    return BROKER_IDS + '/' + brokerId;
  }

  public static String topic(String topic) {
    return TOPICS + '/' + topic;
  }

  public static String partitions(String topic) {
    return TOPICS + '/' + topic + "/partitions";
  }

  public static String partition(String topic, int partition) {
    return TOPICS + '/' + topic + "/partitions/" + partition;
  }

  public static String partitionState(String topic, int partition) {
    return TOPICS + '/' + topic + "/partitions/" + partition + "/state";
  }

  /** Marks a topic for deletion. */
  public static String deleteTopic(String topic) {
    return DELETE_TOPICS + '/' + topic;
  }

  public static String topicConfig(String topic) {
    return "/config/topics/" + topic;
  }

  /** Dynamic settings of one broker. */
  public static String brokerConfig(int brokerId) {
    return "/config/brokers/" + brokerId;
  }

  /** Dynamic settings of all brokers. */
  public static String defaultBrokerConfig() {
    return "/config/brokers/" + DEFAULT_ENTITY;
  }

  /**
   * Settings of any entity.
   *
   * @param entityPath as a config change notification names it, e.g. {@code topics/t} or {@code
   *     users/U/clients/<default>}, names already {@link #sanitize sanitised}
   */
  public static String config(String entityPath) {
    return "/config/" + entityPath;
  }

  /** Prefix of the sequential change notifications of settings. */
  public static String configChangePrefix() {
    return CONFIG_CHANGES + "/config_change_";
  }

  /** Prefix of the sequential notifications of failed log directories. */
  public static String logDirEventPrefix() {
    return LOG_DIR_EVENTS + "/log_dir_event_";
  }

  /** Settings of one group. */
  public static String groupConfig(String group) {
    return MILENA_GROUP_CONFIGS + '/' + groupConfigName(group);
  }

  /** {@link #sanitize sanitised}, and what ZooKeeper would take for a relative path too. */
  private static String groupConfigName(String group) {
    return group.equals(".") || group.equals("..") ? group.replace(".", "%2E") : sanitize(group);
  }

  /**
   * The group of a name below {@link #MILENA_GROUP_CONFIGS}; empty for a name that {@link
   * #groupConfig} does not give.
   */
  public static Optional<String> groupOfConfig(String name) {
    try {
      String group = desanitize(name);
      return groupConfigName(group).equals(name) ? Optional.of(group) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The last name of a path. */
  public static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /**
   * User, client and group names as Kafka writes them into paths: URL-encoded UTF-8 with space as
   * %20 and * as %2A.
   */
  public static String sanitize(String name) {
    return java.net.URLEncoder.encode(name, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A");
  }

  /** The opposite of {@link #sanitize}. */
  public static String desanitize(String sanitized) {
    return java.net.URLDecoder.decode(sanitized, StandardCharsets.UTF_8);
  }
}
