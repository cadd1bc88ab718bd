package io.milena.controller.model;

import io.milena.controller.model.Commands.DeleteTopics;
import io.milena.controller.model.Plan.Answer;
import io.milena.metadata.TopicImage;
import io.milena.metadata.TopicNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * DeleteTopics in three steps, each surviving a crash of the controller: a marker in ZooKeeper and
 * the topic out of the image; when the brokers have stopped its partitions, its znodes go, the
 * marker last; then the answer. Owned by {@link ControllerMachine}.
 */
final class TopicDeletion {
  private final ControllerState state;
  private final List<Waiting> waiting = new ArrayList<>();

  /** A command whose topics are on their way out. */
  private record Waiting(DeleteTopics command, Answer answer, Set<String> topics) {}

  TopicDeletion(ControllerState state) {
    this.state = state;
  }

  /** First step. */
  Plan delete(DeleteTopics command) {
    Plan plan = Plan.empty();
    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
    Set<String> begun = new HashSet<>();
    for (DeleteTopicState wanted : command.request().topics()) {
      DeletableTopicResult result =
          new DeletableTopicResult().setName(wanted.name()).setTopicId(wanted.topicId());
      try {
        begin(command, wanted, result, begun, plan);
      } catch (Refusal refusal) {
        result.setErrorCode(refusal.error().code()).setErrorMessage(refusal.getMessage());
      }
      response.responses().add(result);
    }
    Answer answer = new Answer(command.token(), response);
    if (begun.isEmpty()) {
      plan.answers().add(answer);
    } else {
      waiting.add(new Waiting(command, answer, begun));
    }
    return plan;
  }

  /** Topics that carry a marker already: found at take-over, or written by a tool. */
  Plan marked(Collection<String> topics, boolean enabled) {
    Plan plan = Plan.empty();
    for (String name : topics) {
      if (state.deleting.contains(name)) {
        continue;
      }
      if (!enabled || !state.topics.containsKey(name)) {
        plan.writes().add(new ZkWrite.RemoveMarker(name));
        continue;
      }
      out(name, plan);
    }
    return plan;
  }

  /** Second step: the brokers have stopped the partitions, or had their time. */
  Plan stopped(Collection<String> topics) {
    Plan plan = Plan.empty();
    for (String name : topics) {
      if (state.deleting.remove(name)) {
        state.topicConfigs.remove(name);
        plan.writes().add(new ZkWrite.RemoveTopic(name));
      }
    }
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Waiting one = all.next();
      one.topics().removeAll(topics);
      if (one.topics().isEmpty()) {
        plan.answers().add(one.answer());
        all.remove();
      }
    }
    return plan;
  }

  /** Commands that still wait; run again on another machine they find their own work. */
  List<DeleteTopics> unfinished() {
    return waiting.stream().map(Waiting::command).toList();
  }

  private void begin(
      DeleteTopics command,
      DeleteTopicState wanted,
      DeletableTopicResult result,
      Set<String> begun,
      Plan plan) {
    TopicImage topic = find(wanted);
    if (topic == null) {
      String name = wanted.name() != null ? wanted.name() : command.begun().get(wanted.topicId());
      boolean ours = name != null && command.begun().containsValue(name);
      if (ours) {
        result.setName(name);
        if (state.deleting.contains(name)) {
          begun.add(name);
        }
        return;
      }
      throw unknown(wanted);
    }
    if (TopicNames.isInternal(topic.name())) {
      throw new Refusal(
          Errors.INVALID_TOPIC_EXCEPTION,
          "Topic " + topic.name() + " belongs to the brokers and cannot be deleted.");
    }
    result.setName(topic.name()).setTopicId(topic.id());
    command.begun().put(topic.id(), topic.name());
    begun.add(topic.name());
    plan.writes().add(new ZkWrite.MarkDeletion(topic.name()));
    out(topic.name(), plan);
  }

  private TopicImage find(DeleteTopicState wanted) {
    if (wanted.name() != null) {
      return state.topics.get(wanted.name());
    }
    for (TopicImage topic : state.topics.values()) {
      if (topic.id().equals(wanted.topicId())) {
        return topic;
      }
    }
    return null;
  }

  private static Refusal unknown(DeleteTopicState wanted) {
    boolean byId = wanted.name() == null && !Uuid.ZERO_UUID.equals(wanted.topicId());
    return byId
        ? new Refusal(Errors.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
        : new Refusal(
            Errors.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
  }

  private void out(String name, Plan plan) {
    state.remove(name);
    state.deleting.add(name);
    plan.change().topicGone(name);
  }
}
