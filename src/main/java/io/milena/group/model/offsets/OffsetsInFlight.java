package io.milena.group.model.offsets;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Token;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * What waits for records of offsets to be settled; volatile, of one thread. Commits never wait for
 * one another, so a group may have several under way. Until they are settled nothing may decide on
 * the offsets that they replace: a tombstone would come after them in the log and take the newer
 * offset away.
 *
 * <p>Bounded by the requests that the runtime lets in at a time; every append is settled, so every
 * wait ends.
 */
final class OffsetsInFlight {
  /** One append under way. */
  static final class Step {
    private final GroupRequest request;
    private final Token token;
    private boolean settled;

    private Step(GroupRequest request, Token token) {
      this.request = request;
      this.token = token;
    }
  }

  /** A fetch that wants what is under way to be settled first. */
  private record Fetch(GroupRequest request, Token token, Step after) {}

  /** Of one group, in the order in which they began. */
  private static final class OfGroup {
    final Deque<Step> commits = new ArrayDeque<>();
    final Deque<Fetch> fetches = new ArrayDeque<>();
  }

  private final Map<String, OfGroup> groups = new HashMap<>();
  private final Map<Token, GroupRequest> waiting = new IdentityHashMap<>();

  /** A commit's records are about to be appended. */
  Step beginCommit(GroupRequest request, Token token) {
    Step step = begin(request, token);
    groups.computeIfAbsent(request.groupId(), id -> new OfGroup()).commits.add(step);
    return step;
  }

  /** Tombstones that somebody waits for are about to be appended. */
  Step begin(GroupRequest request, Token token) {
    waiting.put(token, request);
    return new Step(request, token);
  }

  /** True while a commit of the group is under way. */
  boolean commits(String groupId) {
    return groups.containsKey(groupId);
  }

  /** Lets a fetch wait for the commits that are under way; there must be some. */
  void waitForCommits(GroupRequest request, Token token) {
    OfGroup group = groups.get(request.groupId());
    waiting.put(token, request);
    group.fetches.add(new Fetch(request, token, group.commits.getLast()));
  }

  /** Who waited for tombstones waits no longer. */
  void end(Step step) {
    waiting.remove(step.token);
  }

  /**
   * A commit is settled.
   *
   * @param fetch answers a fetch that waited for it
   * @return the answers of such fetches
   */
  List<Answer> endCommit(Step step, Function<GroupRequest, ApiMessage> fetch) {
    end(step);
    step.settled = true;
    String groupId = step.request.groupId();
    OfGroup group = groups.get(groupId);
    List<Answer> answers = new ArrayList<>();
    while (!group.commits.isEmpty() && group.commits.getFirst().settled) {
      Step first = group.commits.removeFirst();
      while (!group.fetches.isEmpty() && group.fetches.getFirst().after() == first) {
        Fetch released = group.fetches.removeFirst();
        waiting.remove(released.token());
        answers.add(new Answer(released.token(), fetch.apply(released.request())));
      }
    }
    if (group.commits.isEmpty()) {
      groups.remove(groupId);
    }
    return answers;
  }

  /** Answers everybody who waits with {@code error}; nothing is settled afterwards. */
  List<Answer> unload(Errors error) {
    List<Answer> answers = new ArrayList<>(waiting.size());
    waiting.forEach(
        (token, request) -> answers.add(new Answer(token, GroupRefusals.of(request, error))));
    waiting.clear();
    groups.clear();
    return answers;
  }
}
