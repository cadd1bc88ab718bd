package io.milena.group.model;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/**
 * How many groups there may be, and how many members that got an id and never came back with it, in
 * all and by the address of the client that made them, and how much of the heap all members may
 * take: a flood ends at these bounds instead of the heap's (F34, F35). Counters only; of one
 * thread, that of a group verticle, shared by its machines.
 *
 * <p>A group counts from its admission until it is removed; one that the log brings is counted, but
 * never refused and of no address. A pending member counts from the answer that told it its id (old
 * clients: from their first join) until its first generation, or until it runs out or its group
 * goes.
 *
 * <p>The bytes of members ({@link MemberBytes}) count while their group is held. Only what a client
 * asks for beyond what it has is refused, and only when it is decided about: what the log brings,
 * and what is being appended just then, counts when it comes.
 */
public final class GroupLimits {
  /** Of a group that was loaded: nobody knows who made it. */
  private static final String NO_ADDRESS = "";

  /**
   * @param groups {@code milena.groups.max}
   * @param groupsPerAddress {@code milena.groups.per.address.max}
   * @param pendingMembers {@code milena.group.pending.members.max}
   * @param pendingMembersPerAddress {@code milena.group.pending.members.per.address.max}
   * @param memberBytes {@code milena.group.members.max.bytes}
   */
  public record Caps(
      int groups,
      int groupsPerAddress,
      int pendingMembers,
      int pendingMembersPerAddress,
      long memberBytes) {
    /** No bounds. */
    public static final Caps NONE =
        new Caps(
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE);

    /** What one of {@code verticles} may use, rounded up: groups spread over them by hash. */
    public Caps share(int verticles) {
      return new Caps(
          (int) share(groups, verticles),
          (int) share(groupsPerAddress, verticles),
          (int) share(pendingMembers, verticles),
          (int) share(pendingMembersPerAddress, verticles),
          share(memberBytes, verticles));
    }

    private static long share(long cap, int verticles) {
      return -Math.floorDiv(-cap, verticles);
    }
  }

  /** Things counted in all and by address; addresses with none are not kept. */
  private static final class Counter {
    private final int cap;
    private final int capPerAddress;
    private final Map<String, Integer> byAddress = new HashMap<>();
    private int all;

    Counter(int cap, int capPerAddress) {
      this.cap = cap;
      this.capPerAddress = capPerAddress;
    }

    boolean hasRoom(String address) {
      return all < cap && byAddress.getOrDefault(address, 0) < capPerAddress;
    }

    void add(String address) {
      all++;
      if (!address.equals(NO_ADDRESS)) {
        byAddress.merge(address, 1, Integer::sum);
      }
    }

    void give(String address) {
      all--;
      byAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
    }
  }

  private final Counter groups;
  private final Counter pending;
  private final Map<String, String> addressOfGroup = new HashMap<>();
  private final long memberBytesCap;
  private long memberBytes;

  public GroupLimits(Caps caps) {
    this.groups = new Counter(caps.groups(), caps.groupsPerAddress());
    this.pending = new Counter(caps.pendingMembers(), caps.pendingMembersPerAddress());
    this.memberBytesCap = caps.memberBytes();
  }

  /** Without bounds. */
  public static GroupLimits none() {
    return new GroupLimits(Caps.NONE);
  }

  // ---- groups -------------------------------------------------------------------------------

  /**
   * May this client make this group? Counts it at once; admitting it again costs nothing.
   *
   * @param address of the client, as Kafka writes it
   * @return NONE or GROUP_MAX_SIZE_REACHED, which every client takes as final
   */
  public Errors admitGroup(String groupId, String address) {
    if (addressOfGroup.containsKey(groupId)) {
      return Errors.NONE;
    }
    if (!groups.hasRoom(address)) {
      return Errors.GROUP_MAX_SIZE_REACHED;
    }
    groups.add(address);
    addressOfGroup.put(groupId, address);
    return Errors.NONE;
  }

  /** A group is there, admitted or not: the log says so. */
  public void addGroup(String groupId) {
    if (addressOfGroup.putIfAbsent(groupId, NO_ADDRESS) == null) {
      groups.add(NO_ADDRESS);
    }
  }

  /** A group was removed, or what it was admitted for failed. Unknown ones are ignored. */
  public void releaseGroup(String groupId) {
    String address = addressOfGroup.remove(groupId);
    if (address != null) {
      groups.give(address);
    }
  }

  /** Groups that count now. */
  public int groups() {
    return groups.all;
  }

  // ---- members ------------------------------------------------------------------------------

  /** May this client be given one more member id that it has to come back with? */
  public boolean hasRoomForPendingMember(String address) {
    return pending.hasRoom(address);
  }

  /** It was given one; each is given back by one {@link #releasePendingMember}. */
  public void addPendingMember(String address) {
    pending.add(address);
  }

  /** A pending member joined, ran out or lost its group. */
  public void releasePendingMember(String address) {
    pending.give(address);
  }

  /** Pending members that count now. */
  public int pendingMembers() {
    return pending.all;
  }

  /**
   * May a member take that much more than it has? Whoever needs no more than before always may.
   *
   * @param growth zero or less when it gives some back
   */
  public boolean hasRoomForMemberBytes(long growth) {
    return growth <= 0 || growth <= memberBytesCap - memberBytes;
  }

  void addMemberBytes(long bytes) {
    memberBytes += bytes;
  }

  /** Bytes that count now. */
  public long memberBytes() {
    return memberBytes;
  }
}
