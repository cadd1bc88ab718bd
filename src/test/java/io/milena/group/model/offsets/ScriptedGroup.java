package io.milena.group.model.offsets;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import io.milena.group.model.MemberBytes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;

/** A group that is what a test says; a simple one at first. */
final class ScriptedGroup implements Group {
  final String groupId;
  final Set<String> subscribed = new HashSet<>();
  Kind kind = Kind.CLASSIC;
  String state = "Empty";
  String protocolType = "";
  long emptySinceMs = -1;
  Errors commit = Errors.NONE;
  Errors fetch = Errors.NONE;

  /** So many fetches end in an Error. */
  int fetchBreaks;

  /** Partitions of which also late commits are taken. */
  Map<Uuid, Set<Integer>> owned = Map.of();

  OffsetClient asked;

  ScriptedGroup(String groupId) {
    this.groupId = groupId;
  }

  /** With members that read these topics. */
  ScriptedGroup consuming(String... topics) {
    protocolType = "consumer";
    state = "Stable";
    subscribed.clear();
    subscribed.addAll(List.of(topics));
    return this;
  }

  /** Without members since then. */
  ScriptedGroup emptied(long sinceMs) {
    protocolType = "consumer";
    state = "Empty";
    subscribed.clear();
    emptySinceMs = sinceMs;
    return this;
  }

  @Override
  public String groupId() {
    return groupId;
  }

  @Override
  public MemberBytes memberBytes() {
    return new MemberBytes();
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public String stateName() {
    return state;
  }

  @Override
  public String protocolType() {
    return protocolType;
  }

  @Override
  public boolean isEmpty() {
    return state.equals("Empty");
  }

  @Override
  public long emptySinceMs() {
    return emptySinceMs;
  }

  @Override
  public boolean subscribes(String topic) {
    return subscribed.contains(topic);
  }

  @Override
  public Errors checkOffsetCommit(OffsetClient client) {
    asked = client;
    return commit;
  }

  @Override
  public Errors checkOffsetCommit(OffsetClient client, Uuid topicId, int partition) {
    return owned.getOrDefault(topicId, Set.of()).contains(partition) ? Errors.NONE : commit;
  }

  @Override
  public Errors checkOffsetFetch(OffsetClient client) {
    if (fetchBreaks > 0) {
      fetchBreaks--;
      throw new AssertionError("an Error, says the test");
    }
    asked = client;
    return fetch;
  }

  @Override
  public Errors checkDelete() {
    return isEmpty() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
  }

  @Override
  public List<CoordinatorRecord> tombstones() {
    return List.of(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId)));
  }
}
