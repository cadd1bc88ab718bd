package io.milena.group.model.classic;

import io.milena.group.model.MemberBytes;
import java.util.List;

/**
 * A member of a classic group. What others may see is public; changed by {@link ClassicMembers} and
 * the steps of its group alone.
 */
public final class ClassicMember {
  /** Who a member is, for life. */
  record Identity(
      String memberId,
      String groupInstanceId,
      String clientId,
      String clientHost,
      String protocolType) {
    long bytes() {
      return MemberBytes.PER_MEMBER
          + MemberBytes.of(memberId)
          + MemberBytes.of(groupInstanceId)
          + MemberBytes.of(clientId)
          + MemberBytes.of(clientHost)
          + MemberBytes.of(protocolType);
    }

    Identity withMemberId(String newId) {
      return new Identity(newId, groupInstanceId, clientId, clientHost, protocolType);
    }
  }

  static final byte[] NO_ASSIGNMENT = new byte[0];

  final Identity identity;
  List<ClassicProtocol> protocols;
  int rebalanceTimeoutMs;
  int sessionTimeoutMs;

  /** Of a member of a group only changed by {@link ClassicMembers#assign}. */
  byte[] assignment = NO_ASSIGNMENT;

  /** JoinGroup that waits for the next generation, or null. */
  Waiting joining;

  /** SyncGroup that waits for the leader's assignments, or null. */
  Waiting syncing;

  /** Has never been told a generation: it cannot send heartbeats yet. */
  boolean isNew;

  /** When the session ends if nothing is heard, in the machine's clock. */
  long sessionDeadlineMs;

  ClassicMember(Identity identity, JoinTerms terms) {
    this.identity = identity;
    agree(terms);
  }

  /** What a member asks for when it joins. */
  record JoinTerms(List<ClassicProtocol> protocols, int rebalanceTimeoutMs, int sessionTimeoutMs) {
    /** As {@link MemberBytes} counts them. */
    long bytes() {
      long sum = 0;
      for (ClassicProtocol protocol : protocols) {
        sum += MemberBytes.of(protocol.name()) + MemberBytes.of(protocol.metadata());
      }
      return sum;
    }
  }

  void agree(JoinTerms terms) {
    protocols = terms.protocols();
    rebalanceTimeoutMs = terms.rebalanceTimeoutMs();
    sessionTimeoutMs = terms.sessionTimeoutMs();
  }

  JoinTerms terms() {
    return new JoinTerms(protocols, rebalanceTimeoutMs, sessionTimeoutMs);
  }

  /** As {@link MemberBytes} counts it. */
  long bytes() {
    return identity.bytes() + terms().bytes() + MemberBytes.of(assignment);
  }

  /** The same static member under a new id; nobody waits and its session is not set. */
  ClassicMember withMemberId(String newId) {
    ClassicMember same = new ClassicMember(identity.withMemberId(newId), terms());
    same.assignment = assignment;
    return same;
  }

  public String memberId() {
    return identity.memberId();
  }

  /** Null for a dynamic member. */
  public String groupInstanceId() {
    return identity.groupInstanceId();
  }

  public boolean isStatic() {
    return identity.groupInstanceId() != null;
  }

  public String clientId() {
    return identity.clientId();
  }

  /** As Kafka writes it: {@code /127.0.0.1}. */
  public String clientHost() {
    return identity.clientHost();
  }

  public int rebalanceTimeoutMs() {
    return rebalanceTimeoutMs;
  }

  public int sessionTimeoutMs() {
    return sessionTimeoutMs;
  }

  /** In the order of its liking; after loading only the one that was chosen. */
  public List<ClassicProtocol> protocols() {
    return protocols;
  }

  /** As the leader gave it; not to be changed. */
  public byte[] assignment() {
    return assignment;
  }

  /**
   * Silence is allowed: it waits for us. A new member may be let go even so; it was given a longer
   * time, and comes again if it is still there.
   */
  boolean mayBeSilent() {
    return !isNew && (joining != null || syncing != null);
  }

  /** The metadata for a protocol; empty when the member does not know it. */
  byte[] metadata(String protocol) {
    for (ClassicProtocol each : protocols) {
      if (each.name().equals(protocol)) {
        return each.metadata();
      }
    }
    return NO_ASSIGNMENT;
  }
}
