package io.milena.controller.model;

import io.milena.base.RandomSource;
import io.milena.controller.model.Commands.CreatePartitions;
import io.milena.controller.model.Plan.Answer;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** CreatePartitions. Owned by {@link ControllerMachine}. */
final class TopicGrowth {
  private final ControllerState state;
  private final TopicCreation creation;
  private final RandomSource random;

  TopicGrowth(ControllerState state, TopicCreation creation, RandomSource random) {
    this.state = state;
    this.creation = creation;
    this.random = random;
  }

  Plan grow(CreatePartitions command) {
    Plan plan = Plan.empty();
    CreatePartitionsResponseData response = new CreatePartitionsResponseData();
    for (CreatePartitionsTopic topic : command.request().topics()) {
      CreatePartitionsTopicResult result = new CreatePartitionsTopicResult().setName(topic.name());
      try {
        growOne(command, topic, plan);
      } catch (Refusal refusal) {
        result.setErrorCode(refusal.error().code()).setErrorMessage(refusal.getMessage());
      }
      response.results().add(result);
    }
    plan.answers().add(new Answer(command.token(), response));
    return plan;
  }

  private void growOne(CreatePartitions command, CreatePartitionsTopic wanted, Plan plan) {
    TopicImage topic = state.topics.get(wanted.name());
    if (topic == null) {
      throw new Refusal(
          Errors.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + wanted.name() + "' does not exist.");
    }
    int have = topic.partitions().size();
    if (have == wanted.count() && command.planned().containsKey(topic.name())) {
      return;
    }
    check(topic, wanted, have);
    List<List<Integer>> added = replicas(topic, wanted, have);
    if (command.request().validateOnly()) {
      return;
    }
    command.planned().put(topic.name(), added);
    List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
    List<PartitionImage> fresh = TopicCreation.firstPartitions(have, added, state.live());
    partitions.addAll(fresh);
    TopicImage grown = new TopicImage(topic.name(), topic.id(), partitions, topic.configs());
    state.put(grown);
    plan.writes().add(new ZkWrite.UpdateTopic(grown.name(), grown.id(), grown.partitions()));
    fresh.forEach(p -> TopicCreation.writeFirst(grown.name(), p, "partitions added", plan));
    plan.change().topic(grown);
  }

  private static void check(TopicImage topic, CreatePartitionsTopic wanted, int have) {
    boolean moving =
        topic.partitions().stream()
            .anyMatch(p -> !p.addingReplicas().isEmpty() || !p.removingReplicas().isEmpty());
    if (moving) {
      throw new Refusal(
          Errors.REASSIGNMENT_IN_PROGRESS,
          "A partition reassignment is in progress for the topic '" + topic.name() + "'.");
    }
    if (wanted.count() == have) {
      throw new Refusal(Errors.INVALID_PARTITIONS, "Topic already has " + have + " partition(s).");
    }
    if (wanted.count() < have) {
      throw new Refusal(
          Errors.INVALID_PARTITIONS,
          "The topic "
              + topic.name()
              + " currently has "
              + have
              + " partition(s); "
              + wanted.count()
              + " would not be an increase.");
    }
    TopicCreation.checkCount(wanted.count() - have);
  }

  private List<List<Integer>> replicas(TopicImage topic, CreatePartitionsTopic wanted, int have) {
    int count = wanted.count() - have;
    int factor = topic.partitions().get(0).replicas().size();
    if (wanted.assignments() == null) {
      try {
        return ReplicaPlacement.place(state.candidates(), have, count, factor, random);
      } catch (ReplicaPlacement.ImpossibleException impossible) {
        throw new Refusal(Errors.INVALID_REPLICATION_FACTOR, impossible.getMessage());
      }
    }
    if (wanted.assignments().size() != count) {
      throw new Refusal(
          Errors.INVALID_REPLICA_ASSIGNMENT,
          "The number of assignments, "
              + wanted.assignments().size()
              + ", does not equal the number of added partitions, "
              + count
              + ".");
    }
    List<List<Integer>> replicas = new ArrayList<>(count);
    for (CreatePartitionsAssignment assignment : wanted.assignments()) {
      creation.checkReplicas(assignment.brokerIds());
      if (assignment.brokerIds().size() != factor) {
        throw new Refusal(
            Errors.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment does not have the replication factor of the other"
                + " partitions, "
                + factor
                + ".");
      }
      replicas.add(List.copyOf(assignment.brokerIds()));
    }
    return replicas;
  }
}
