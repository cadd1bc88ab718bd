package io.milena.protocol;

import java.util.List;

/**
 * The APIs that Milena serves and announces, as its own table: reading it costs nothing at start,
 * while touching {@code ApiKeys} loads the schema of every API. A contract test compares it with
 * the {@code ApiKeys} of the pinned kafka-clients. Immutable, any thread.
 */
public final class SupportedApis {
  public static final short PRODUCE = 0;
  public static final short FETCH = 1;
  public static final short LIST_OFFSETS = 2;
  public static final short METADATA = 3;
  public static final short OFFSET_COMMIT = 8;
  public static final short OFFSET_FETCH = 9;
  public static final short FIND_COORDINATOR = 10;
  public static final short JOIN_GROUP = 11;
  public static final short HEARTBEAT = 12;
  public static final short LEAVE_GROUP = 13;
  public static final short SYNC_GROUP = 14;
  public static final short DESCRIBE_GROUPS = 15;
  public static final short LIST_GROUPS = 16;
  public static final short API_VERSIONS = 18;
  public static final short CREATE_TOPICS = 19;
  public static final short DELETE_TOPICS = 20;
  public static final short DELETE_RECORDS = 21;
  public static final short INIT_PRODUCER_ID = 22;
  public static final short OFFSET_FOR_LEADER_EPOCH = 23;
  public static final short TXN_OFFSET_COMMIT = 28;
  public static final short DESCRIBE_CONFIGS = 32;
  public static final short ALTER_CONFIGS = 33;
  public static final short DESCRIBE_LOG_DIRS = 35;
  public static final short CREATE_PARTITIONS = 37;
  public static final short DELETE_GROUPS = 42;
  public static final short INCREMENTAL_ALTER_CONFIGS = 44;
  public static final short LIST_PARTITION_REASSIGNMENTS = 46;
  public static final short OFFSET_DELETE = 47;
  public static final short UPDATE_FEATURES = 57;
  public static final short DESCRIBE_CLUSTER = 60;
  public static final short DESCRIBE_PRODUCERS = 61;
  public static final short CONSUMER_GROUP_HEARTBEAT = 68;
  public static final short CONSUMER_GROUP_DESCRIBE = 69;
  public static final short LIST_CONFIG_RESOURCES = 74;
  public static final short DESCRIBE_TOPIC_PARTITIONS = 75;

  /**
   * Produce below 3 is not served, yet announced from 0 as Kafka 4 does: old librdkafka takes a
   * higher minimum for a broker without Produce.
   */
  private static final short PRODUCE_ANNOUNCED_MIN = 0;

  private static final List<SupportedApi> ALL =
      List.of(
          new SupportedApi(
              PRODUCE, "Produce", (short) 3, (short) 13, PRODUCE_ANNOUNCED_MIN, (short) 9),
          api(FETCH, "Fetch", 4, 18, 12),
          api(LIST_OFFSETS, "ListOffsets", 1, 11, 6),
          api(METADATA, "Metadata", 0, 13, 9),
          api(OFFSET_COMMIT, "OffsetCommit", 2, 10, 8),
          api(OFFSET_FETCH, "OffsetFetch", 1, 10, 6),
          api(FIND_COORDINATOR, "FindCoordinator", 0, 6, 3),
          api(JOIN_GROUP, "JoinGroup", 0, 9, 6),
          api(HEARTBEAT, "Heartbeat", 0, 4, 4),
          api(LEAVE_GROUP, "LeaveGroup", 0, 5, 4),
          api(SYNC_GROUP, "SyncGroup", 0, 5, 4),
          api(DESCRIBE_GROUPS, "DescribeGroups", 0, 6, 5),
          api(LIST_GROUPS, "ListGroups", 0, 5, 3),
          api(API_VERSIONS, "ApiVersions", 0, 5, 3),
          api(CREATE_TOPICS, "CreateTopics", 2, 7, 5),
          api(DELETE_TOPICS, "DeleteTopics", 1, 6, 4),
          api(DELETE_RECORDS, "DeleteRecords", 0, 2, 2),
          api(INIT_PRODUCER_ID, "InitProducerId", 0, 5, 2),
          api(OFFSET_FOR_LEADER_EPOCH, "OffsetForLeaderEpoch", 2, 4, 4),
          api(DESCRIBE_CONFIGS, "DescribeConfigs", 1, 4, 4),
          api(ALTER_CONFIGS, "AlterConfigs", 0, 2, 2),
          api(DESCRIBE_LOG_DIRS, "DescribeLogDirs", 1, 5, 2),
          api(CREATE_PARTITIONS, "CreatePartitions", 0, 3, 2),
          api(DELETE_GROUPS, "DeleteGroups", 0, 3, 2),
          api(INCREMENTAL_ALTER_CONFIGS, "IncrementalAlterConfigs", 0, 1, 1),
          api(LIST_PARTITION_REASSIGNMENTS, "ListPartitionReassignments", 0, 0, 0),
          api(OFFSET_DELETE, "OffsetDelete", 0, 0, SupportedApi.NEVER_FLEXIBLE),
          api(UPDATE_FEATURES, "UpdateFeatures", 0, 2, 0),
          api(DESCRIBE_CLUSTER, "DescribeCluster", 0, 2, 0),
          api(DESCRIBE_PRODUCERS, "DescribeProducers", 0, 0, 0),
          api(CONSUMER_GROUP_HEARTBEAT, "ConsumerGroupHeartbeat", 0, 1, 0),
          api(CONSUMER_GROUP_DESCRIBE, "ConsumerGroupDescribe", 0, 1, 0),
          api(LIST_CONFIG_RESOURCES, "ListConfigResources", 0, 1, 0),
          api(DESCRIBE_TOPIC_PARTITIONS, "DescribeTopicPartitions", 0, 0, 0));

  private static final SupportedApi[] BY_KEY = byKey();

  private SupportedApis() {}

  /** Every row, by ascending key. */
  public static List<SupportedApi> all() {
    return ALL;
  }

  /** The row of a key, or null when we do not serve that API. */
  public static SupportedApi of(short key) {
    return key >= 0 && key < BY_KEY.length ? BY_KEY[key] : null;
  }

  private static SupportedApi api(short key, String name, int min, int max, int firstFlexible) {
    return new SupportedApi(
        key, name, (short) min, (short) max, (short) min, (short) firstFlexible);
  }

  private static SupportedApi[] byKey() {
    int size = ALL.stream().mapToInt(SupportedApi::key).max().orElse(-1) + 1;
    SupportedApi[] rows = new SupportedApi[size];
    for (SupportedApi api : ALL) {
      rows[api.key()] = api;
    }
    return rows;
  }
}
