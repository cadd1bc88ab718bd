package io.milena.group.model;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** The groups of one partition of {@code __consumer_offsets}, by id; of one thread. */
public final class GroupTable {
  private final Map<String, Group> groups = new HashMap<>();

  /** The group, or null. */
  public Group find(String groupId) {
    return groups.get(groupId);
  }

  /** Puts a group in place of whatever had its id. */
  public void put(Group group) {
    groups.put(group.groupId(), group);
  }

  public void remove(String groupId) {
    groups.remove(groupId);
  }

  public int size() {
    return groups.size();
  }

  public Collection<Group> all() {
    return Collections.unmodifiableCollection(groups.values());
  }
}
