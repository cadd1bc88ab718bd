package io.milena.group.model;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** The groups of one partition of {@code __consumer_offsets}, by id; of one thread. */
public final class GroupTable {
  private final Map<String, Group> groups = new HashMap<>();
  private final GroupLimits limits;

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

  /** The bounds of groups and pending members. */
  public GroupLimits limits() {
    return limits;
  }

  /** The group, or null. */
  public Group find(String groupId) {
    return groups.get(groupId);
  }

  /** Puts a group in place of whatever had its id. */
  public void put(Group group) {
    groups.put(group.groupId(), group);
    limits.addGroup(group.groupId());
  }

  public void remove(String groupId) {
    if (groups.remove(groupId) != null) {
      limits.releaseGroup(groupId);
    }
  }

  /** The coordinator goes: its groups no longer count. */
  public void clear() {
    groups.keySet().forEach(limits::releaseGroup);
    groups.clear();
  }

  public int size() {
    return groups.size();
  }

  public Collection<Group> all() {
    return Collections.unmodifiableCollection(groups.values());
  }
}
