package io.milena.group.model.classic;

import io.milena.base.Invariant;
import io.milena.group.model.MemberBytes;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The members of one classic group, who of them waits to join, and what they can all do. Every
 * change costs the same however many members there are.
 *
 * <p>The order of members is that of a {@link HashMap}, as in Kafka: without meaning, and so the
 * same leader follows a leader that leaves.
 */
final class ClassicMembers {
  private final Map<String, ClassicMember> byId = new HashMap<>();
  private final Map<String, String> staticIds = new HashMap<>();
  private final ProtocolCounts supported = new ProtocolCounts();
  private final MemberBytes bytes;
  private int joining;

  /**
   * @param bytes counts members as they come, change and go
   */
  ClassicMembers(MemberBytes bytes) {
    this.bytes = bytes;
  }

  int size() {
    return byId.size();
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  /** Members whose JoinGroup waits. */
  int joining() {
    return joining;
  }

  /** Protocols and static members known, for bounds. */
  int indexSize() {
    return supported.size() + staticIds.size();
  }

  /** The member, or null. */
  ClassicMember find(String memberId) {
    return byId.get(memberId);
  }

  /** The id of the static member, or null. */
  String staticId(String groupInstanceId) {
    return groupInstanceId == null ? null : staticIds.get(groupInstanceId);
  }

  Collection<ClassicMember> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  void add(ClassicMember member) {
    ClassicMember before = byId.put(member.memberId(), member);
    Invariant.check(before == null, "member %s joins twice", member.memberId());
    if (member.isStatic()) {
      staticIds.put(member.groupInstanceId(), member.memberId());
    }
    supported.add(member.protocols);
    bytes.add(member.bytes());
    if (member.joining != null) {
      joining++;
    }
  }

  /** Takes a member out; who waited is still in it. */
  ClassicMember remove(String memberId) {
    ClassicMember removed = byId.remove(memberId);
    if (removed == null) {
      return null;
    }
    supported.remove(removed.protocols);
    bytes.add(-removed.bytes());
    if (removed.joining != null) {
      joining--;
    }
    if (removed.isStatic()) {
      staticIds.remove(removed.groupInstanceId(), memberId);
    }
    return removed;
  }

  void agree(ClassicMember member, ClassicMember.JoinTerms terms) {
    supported.remove(member.protocols);
    bytes.add(terms.bytes() - member.terms().bytes());
    member.agree(terms);
    supported.add(member.protocols);
  }

  void assign(ClassicMember member, byte[] assignment) {
    bytes.add((long) assignment.length - member.assignment.length);
    member.assignment = assignment;
  }

  /** Lets the member wait; returns the older request of the same member, or null. */
  Waiting awaitJoin(ClassicMember member, Waiting waiting) {
    Waiting older = member.joining;
    member.joining = waiting;
    if (older == null) {
      joining++;
    }
    return older;
  }

  /** The request that waited, which waits no longer, or null. */
  Waiting releaseJoin(ClassicMember member) {
    Waiting waiting = member.joining;
    if (waiting != null) {
      member.joining = null;
      joining--;
    }
    return waiting;
  }

  /** A protocol among these that all members support. */
  boolean support(List<ClassicProtocol> protocols) {
    return supported.anyCommon(protocols, byId.size());
  }

  /** The first member in their order, or null. */
  String firstId() {
    return byId.isEmpty() ? null : byId.keySet().iterator().next();
  }

  /** The first member in their order that waits to join, or null. */
  ClassicMember firstJoining() {
    for (ClassicMember member : byId.values()) {
      if (member.joining != null) {
        return member;
      }
    }
    return null;
  }

  int maxRebalanceTimeoutMs() {
    int max = 0;
    for (ClassicMember member : byId.values()) {
      max = Math.max(max, member.rebalanceTimeoutMs);
    }
    return max;
  }

  /**
   * The protocol most members like best among those that all support. Null when there is none: no
   * join is accepted that would lead to it.
   */
  String vote() {
    Set<String> candidates = supported.common(byId.size());
    Map<String, Integer> votes = new HashMap<>();
    for (ClassicMember member : byId.values()) {
      String liked = favourite(member.protocols, candidates);
      if (liked != null) {
        votes.merge(liked, 1, Integer::sum);
      }
    }
    String chosen = null;
    int most = 0;
    for (Map.Entry<String, Integer> entry : votes.entrySet()) {
      if (entry.getValue() > most) {
        most = entry.getValue();
        chosen = entry.getKey();
      }
    }
    return chosen;
  }

  /** What the vote would be if a member had other terms. */
  String voteWith(ClassicMember member, ClassicMember.JoinTerms terms) {
    ClassicMember.JoinTerms before = member.terms();
    agree(member, terms);
    String chosen = vote();
    agree(member, before);
    return chosen;
  }

  private static String favourite(List<ClassicProtocol> protocols, Set<String> candidates) {
    for (ClassicProtocol protocol : protocols) {
      if (candidates.contains(protocol.name())) {
        return protocol.name();
      }
    }
    return null;
  }
}
