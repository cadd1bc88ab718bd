package io.milena.controller.model;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What is to be done about an event, in this order: ZooKeeper writes, image to the brokers,
 * answers.
 *
 * @param writes in order
 * @param change of the image, perhaps empty
 * @param answers to those who wait
 * @param steps of leadership, for the state-change log
 */
public record Plan(
    List<ZkWrite> writes, ImageChange change, List<Answer> answers, List<LeaderStep> steps) {

  /**
   * An answer.
   *
   * @param to the token that came with the command
   * @param body Kafka's response
   */
  public record Answer(Object to, ApiMessage body) {}

  /**
   * A step of leadership or ISR.
   *
   * @param from leader before, -1 none
   * @param to leader now, -1 none
   */
  public record LeaderStep(
      String topic,
      int partition,
      int from,
      int to,
      int leaderEpoch,
      List<Integer> isr,
      String reason) {}

  /** An empty plan, to be filled. */
  public static Plan empty() {
    return new Plan(new ArrayList<>(), new ImageChange(), new ArrayList<>(), new ArrayList<>());
  }

  /** Adds what was planned later. */
  public void merge(Plan later) {
    writes.addAll(later.writes);
    change.merge(later.change);
    answers.addAll(later.answers);
    steps.addAll(later.steps);
  }

  /** True when there is nothing to do. */
  public boolean isEmpty() {
    return writes.isEmpty() && change.isEmpty() && answers.isEmpty();
  }
}
