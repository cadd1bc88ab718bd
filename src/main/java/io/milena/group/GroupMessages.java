package io.milena.group;

import io.milena.group.model.GroupMachine;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/**
 * What is said to a group verticle and what it answers. Local only, passed by reference over the
 * event bus.
 */
public final class GroupMessages {
  private GroupMessages() {}

  /** Anything a group verticle hears. */
  sealed interface Request permits Ask, AskAll, Follow, CreateTopic, Count {}

  /** For one coordinator; answered with its {@code ApiMessage}. */
  record Ask(int partition, GroupRequest request) implements Request {}

  /** For every coordinator of the verticle; answered with a list of {@code ApiMessage}s. */
  record AskAll(GroupRequest request) implements Request {}

  /**
   * A new image.
   *
   * @param led every partition that this broker leads under it and this verticle coordinates
   */
  record Follow(ClusterImage image, List<Lead> led) implements Request {}

  /** Answered with {@link Errors}, NONE when the topic is there. */
  record CreateTopic() implements Request {}

  /** Answered with a {@link Summary} of the verticle. */
  record Count() implements Request {}

  /**
   * A partition of the internal topic that this broker leads.
   *
   * @param leaderEpoch in which the coordinator serves (R45)
   */
  public record Lead(int partition, int leaderEpoch) {}

  /**
   * Where a group's coordinator is.
   *
   * @param error NONE, or COORDINATOR_NOT_AVAILABLE (ask again), or why the topic cannot be created
   * @param brokerId of the coordinator, -1 with an error
   */
  public record Coordinator(Errors error, int brokerId) {}

  /**
   * What coordinators hold.
   *
   * @param groups by kind and state as ListGroups names them, e.g. {@code classic}, {@code Stable}
   * @param offsets committed offsets
   * @param loading coordinators that are loading
   * @param active coordinators that serve
   * @param done what they and those before them did since the start of the process
   * @param openRequests without an answer yet
   * @param unsettledSteps whose records are on their way into the log, or wait for that
   */
  public record Summary(
      Map<String, Map<String, Integer>> groups,
      long offsets,
      int loading,
      int active,
      GroupMachine.Done done,
      int openRequests,
      int unsettledSteps) {
    /** Of no coordinator at all. */
    public static final Summary NOTHING =
        new Summary(Map.of(), 0, 0, 0, GroupMachine.Done.NOTHING, 0, 0);

    /** What one coordinator that serves holds. */
    static Summary of(GroupMachine machine) {
      return new Summary(machine.count(), machine.offsets(), 0, 1, machine.done(), 0, 0);
    }

    /** What all of them hold together. */
    static Summary sum(List<Summary> parts) {
      Map<String, Map<String, Integer>> groups = new HashMap<>();
      for (Summary part : parts) {
        part.groups()
            .forEach(
                (kind, states) -> {
                  Map<String, Integer> ofKind = groups.computeIfAbsent(kind, k -> new HashMap<>());
                  states.forEach((state, count) -> ofKind.merge(state, count, Integer::sum));
                });
      }
      return new Summary(
          groups,
          parts.stream().mapToLong(Summary::offsets).sum(),
          parts.stream().mapToInt(Summary::loading).sum(),
          parts.stream().mapToInt(Summary::active).sum(),
          parts.stream()
              .map(Summary::done)
              .reduce(GroupMachine.Done.NOTHING, GroupMachine.Done::plus),
          parts.stream().mapToInt(Summary::openRequests).sum(),
          parts.stream().mapToInt(Summary::unsettledSteps).sum());
    }
  }
}
