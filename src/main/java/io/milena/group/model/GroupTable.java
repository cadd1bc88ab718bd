package io.milena.group.model;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;

/** The groups of one partition of {@code __consumer_offsets}, by id; of one thread. */
public final class GroupTable {
  private final Map<String, Group> groups = new HashMap<>();
  private final GroupLimits limits;

  /** Groups that clients may make and that are not there yet. */
  private final Set<String> admitted = new HashSet<>();

  /** Without bounds. */
  public GroupTable() {
    this(GroupLimits.none());
  }

  /**
   * @param limits asked by whoever makes a group for a client; groups put here count there
   */
  public GroupTable(GroupLimits limits) {
    this.limits = limits;
  }

  /** The bounds of groups and their members. */
  public GroupLimits limits() {
    return limits;
  }

  /**
   * May this client make the group? To be followed by {@link #put}, or by {@link #dismiss} when
   * nothing comes of it.
   *
   * @param address of the client, as Kafka writes it
   * @return NONE or GROUP_MAX_SIZE_REACHED
   */
  public Errors admit(String groupId, String address) {
    Errors error = limits.admitGroup(groupId, address);
    if (error == Errors.NONE && !groups.containsKey(groupId)) {
      admitted.add(groupId);
    }
    return error;
  }

  /** What the group was admitted for came to nothing. */
  public void dismiss(String groupId) {
    if (admitted.remove(groupId)) {
      limits.releaseGroup(groupId);
    }
  }

  /** The group, or null. */
  public Group find(String groupId) {
    return groups.get(groupId);
  }

  /** Puts a group in place of whatever had its id. */
  public void put(Group group) {
    Group before = groups.put(group.groupId(), group);
    if (before != null && before != group) {
      before.memberBytes().countNoMore();
    }
    group.memberBytes().countIn(limits);
    admitted.remove(group.groupId());
    limits.addGroup(group.groupId());
  }

  public void remove(String groupId) {
    Group removed = groups.remove(groupId);
    if (removed != null) {
      removed.memberBytes().countNoMore();
      limits.releaseGroup(groupId);
    }
  }

  /** The coordinator goes: its groups no longer count. */
  public void clear() {
    groups.keySet().forEach(limits::releaseGroup);
    groups.values().forEach(group -> group.memberBytes().countNoMore());
    groups.clear();
    admitted.forEach(limits::releaseGroup);
    admitted.clear();
  }

  public int size() {
    return groups.size();
  }

  public Collection<Group> all() {
    return Collections.unmodifiableCollection(groups.values());
  }
}
