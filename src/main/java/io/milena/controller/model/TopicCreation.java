package io.milena.controller.model;

import io.milena.base.RandomSource;
import io.milena.config.TopicConfigRules;
import io.milena.controller.model.Commands.CreateTopics;
import io.milena.controller.model.Plan.Answer;
import io.milena.controller.model.Plan.LeaderStep;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metadata.TopicNames;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** CreateTopics: checks, placement, first leaders. Owned by {@link ControllerMachine}. */
final class TopicCreation {
  private final ControllerState state;
  private final ControllerMachine.Settings settings;
  private final TopicConfigRules rules;
  private final RandomSource random;

  TopicCreation(
      ControllerState state,
      ControllerMachine.Settings settings,
      TopicConfigRules rules,
      RandomSource random) {
    this.state = state;
    this.settings = settings;
    this.rules = rules;
    this.random = random;
  }

  Plan create(CreateTopics command) {
    Plan plan = Plan.empty();
    CreateTopicsResponseData response = new CreateTopicsResponseData();
    for (CreatableTopic topic : command.request().topics()) {
      CreatableTopicResult result =
          new CreatableTopicResult()
              .setName(topic.name())
              .setNumPartitions(-1)
              .setReplicationFactor((short) -1);
      try {
        createOne(command, topic, result, plan);
      } catch (Refusal refusal) {
        result.setErrorCode(refusal.error().code()).setErrorMessage(refusal.getMessage());
      }
      response.topics().add(result);
    }
    plan.answers().add(new Answer(command.token(), response));
    return plan;
  }

  private void createOne(
      CreateTopics command, CreatableTopic topic, CreatableTopicResult result, Plan plan) {
    TopicImage there = state.topics.get(topic.name());
    if (there != null && there.id().equals(command.chosenIds().get(topic.name()))) {
      describe(there, result);
      return;
    }
    checkName(topic.name());
    Map<String, String> configs = configs(topic);
    List<List<Integer>> replicas = topic.assignments().isEmpty() ? placed(topic) : assigned(topic);
    TopicImage image = image(command, topic.name(), replicas, configs);
    describe(image, result);
    if (command.request().validateOnly()) {
      result.setTopicId(Uuid.ZERO_UUID);
      return;
    }
    boolean configExists = state.topicConfigs.put(topic.name(), configs) != null;
    state.put(image);
    plan.writes()
        .add(new ZkWrite.CreateTopic(image.name(), image.id(), replicas, configs, configExists));
    for (PartitionImage partition : image.partitions()) {
      writeFirst(image.name(), partition, "topic created", plan);
    }
    plan.change().topic(image);
  }

  /** First state of a partition, unless none of its replicas lives. */
  static void writeFirst(String topic, PartitionImage partition, String reason, Plan plan) {
    if (partition.partitionEpoch() < 0) {
      return;
    }
    plan.writes().add(new ZkWrite.CreatePartition(topic, partition));
    plan.steps()
        .add(
            new LeaderStep(
                topic,
                partition.partition(),
                PartitionImage.NO_LEADER,
                partition.leader(),
                partition.leaderEpoch(),
                partition.isr(),
                reason));
  }

  private static void describe(TopicImage image, CreatableTopicResult result) {
    result
        .setTopicId(image.id())
        .setNumPartitions(image.partitions().size())
        .setReplicationFactor((short) image.partitions().get(0).replicas().size());
  }

  private void checkName(String name) {
    TopicNames.problem(name)
        .ifPresent(
            problem -> {
              throw new Refusal(Errors.INVALID_TOPIC_EXCEPTION, problem);
            });
    if (state.topics.containsKey(name)) {
      throw new Refusal(Errors.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
    }
    if (state.deleting.contains(name)) {
      throw new Refusal(
          Errors.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' is marked for deletion.");
    }
    String colliding = state.colliding(name);
    if (colliding != null) {
      throw new Refusal(
          Errors.INVALID_TOPIC_EXCEPTION,
          "Topic '" + name + "' collides with existing topic: " + colliding);
    }
  }

  private Map<String, String> configs(CreatableTopic topic) {
    Map<String, String> configs = new HashMap<>();
    for (CreatableTopicConfig config : topic.configs()) {
      if (config.value() == null) {
        throw new Refusal(
            Errors.INVALID_CONFIG, "Null value not supported for topic configs: " + config.name());
      }
      configs.put(config.name(), config.value());
    }
    rules
        .problem(configs)
        .ifPresent(
            problem -> {
              throw new Refusal(Errors.INVALID_CONFIG, problem);
            });
    return configs;
  }

  private List<List<Integer>> placed(CreatableTopic topic) {
    int partitions = topic.numPartitions() == -1 ? settings.numPartitions() : topic.numPartitions();
    int factor =
        topic.replicationFactor() == -1
            ? settings.defaultReplicationFactor()
            : topic.replicationFactor();
    if (partitions <= 0) {
      throw new Refusal(
          Errors.INVALID_PARTITIONS, "Number of partitions must be larger than 0, or -1.");
    }
    checkCount(partitions);
    if (factor <= 0) {
      throw new Refusal(
          Errors.INVALID_REPLICATION_FACTOR,
          "Replication factor must be larger than 0, or -1 to use the default value.");
    }
    try {
      return ReplicaPlacement.place(state.candidates(), 0, partitions, factor, random);
    } catch (ReplicaPlacement.ImpossibleException impossible) {
      throw new Refusal(Errors.INVALID_REPLICATION_FACTOR, impossible.getMessage());
    }
  }

  private List<List<Integer>> assigned(CreatableTopic topic) {
    if (topic.numPartitions() != -1 || topic.replicationFactor() != -1) {
      throw new Refusal(
          Errors.INVALID_REQUEST,
          "With a manual partition assignment, both the number of partitions and the replication"
              + " factor must be -1.");
    }
    checkCount(topic.assignments().size());
    Map<Integer, List<Integer>> byPartition = new TreeMap<>();
    for (CreatableReplicaAssignment assignment : topic.assignments()) {
      checkReplicas(assignment.brokerIds());
      byPartition.put(assignment.partitionIndex(), List.copyOf(assignment.brokerIds()));
    }
    int factor = byPartition.values().iterator().next().size();
    for (int p = 0; p < byPartition.size(); p++) {
      List<Integer> replicas = byPartition.get(p);
      if (replicas == null) {
        throw new Refusal(
            Errors.INVALID_REPLICA_ASSIGNMENT,
            "Partitions should be a consecutive 0-based integer sequence.");
      }
      if (replicas.size() != factor) {
        throw new Refusal(
            Errors.INVALID_REPLICA_ASSIGNMENT,
            "All partitions should have the same number of replicas.");
      }
    }
    return List.copyOf(byPartition.values());
  }

  static void checkCount(int partitions) {
    if (partitions > ControllerMachine.MAX_PARTITIONS_PER_TOPIC_REQUEST) {
      throw new Refusal(
          Errors.POLICY_VIOLATION,
          "At most "
              + ControllerMachine.MAX_PARTITIONS_PER_TOPIC_REQUEST
              + " partitions can be added to a topic by one request.");
    }
  }

  /** Brokers of a manual assignment: some, known, none twice. */
  void checkReplicas(List<Integer> brokers) {
    if (brokers.isEmpty()) {
      throw new Refusal(
          Errors.INVALID_REPLICA_ASSIGNMENT,
          "The manual partition assignment includes no brokers.");
    }
    Set<Integer> seen = new HashSet<>();
    for (int broker : brokers) {
      if (!seen.add(broker)) {
        throw new Refusal(
            Errors.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment includes the broker " + broker + " more than once.");
      }
      if (!state.brokers.containsKey(broker)) {
        throw new Refusal(
            Errors.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment includes broker "
                + broker
                + ", but no such broker is registered.");
      }
    }
  }

  private TopicImage image(
      CreateTopics command,
      String name,
      List<List<Integer>> replicas,
      Map<String, String> configs) {
    Uuid id = command.chosenIds().computeIfAbsent(name, n -> randomId());
    Set<Integer> live = state.live();
    return new TopicImage(name, id, firstPartitions(0, replicas, live), configs);
  }

  /** New partitions from number {@code first} on. */
  static List<PartitionImage> firstPartitions(
      int first, List<List<Integer>> replicas, Set<Integer> live) {
    List<PartitionImage> partitions = new java.util.ArrayList<>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      partitions.add(LeaderElection.first(unwritten(first + i, replicas.get(i)), live));
    }
    return partitions;
  }

  /** A partition without a state znode. */
  static PartitionImage unwritten(int partition, List<Integer> replicas) {
    return new PartitionImage(
        partition, replicas, replicas, PartitionImage.NO_LEADER, -1, -1, List.of(), List.of());
  }

  /** A version 4 UUID that starts with no dash in its text form, as Kafka takes care of. */
  Uuid randomId() {
    while (true) {
      long high = (random.nextLong() & ~0xF000L) | 0x4000L;
      long low = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
      Uuid id = new Uuid(high, low);
      if (!id.toString().startsWith("-")) {
        return id;
      }
    }
  }
}
