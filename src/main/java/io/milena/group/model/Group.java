package io.milena.group.model;

import io.milena.coordinator.model.CoordinatorRecord;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** What both kinds of groups have in common, for offsets and administration. */
public interface Group {
  /** Kinds, with the names of ListGroups (KIP-848). */
  enum Kind {
    CLASSIC("classic"),
    CONSUMER("consumer");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** As ListGroups tells and filters it. */
    public String text() {
      return text;
    }
  }

  /**
   * Who commits or fetches offsets.
   *
   * @param memberId empty for a consumer that is no member
   * @param groupInstanceId null for a dynamic member
   * @param generationOrEpoch negative for a consumer that is no member
   * @param apiVersion of OffsetCommit or OffsetFetch
   */
  record OffsetClient(
      String memberId, String groupInstanceId, int generationOrEpoch, short apiVersion) {}

  String groupId();

  Kind kind();

  /** Name of the state as ListGroups and the describe APIs tell it, e.g. {@code Stable}. */
  String stateName();

  /** "consumer", "connect", …; empty when nobody said. */
  String protocolType();

  /** No members: offsets may expire, the group may be deleted. */
  boolean isEmpty();

  /**
   * Monotonic or wall time, as the machine's clock, since when the group has no members; -1 while
   * it has.
   */
  long emptySinceMs();

  /**
   * True when a member subscribes to the topic, or when this is a group of consumers whose
   * subscriptions cannot be known now (a rebalance, bytes that cannot be read). False otherwise, in
   * groups of other protocols always: then its offsets may be deleted or expire although the group
   * lives (KIP-496, KIP-211).
   */
  boolean subscribes(String topic);

  /** May this client commit now? NONE, or what it is told (R45). */
  Errors checkOffsetCommit(OffsetClient client);

  /**
   * As {@link #checkOffsetCommit(OffsetClient)}, for one partition: a group that knows since when a
   * member has it can be more generous (KIP-1251).
   */
  default Errors checkOffsetCommit(OffsetClient client, Uuid topicId, int partition) {
    return checkOffsetCommit(client);
  }

  /** May this client fetch offsets now? */
  Errors checkOffsetFetch(OffsetClient client);

  /** May the group be deleted now? NONE or NON_EMPTY_GROUP. */
  Errors checkDelete();

  /** What its members take; the table counts it as long as it has the group. */
  MemberBytes memberBytes();

  /** The tombstones of everything that the log holds of the group, offsets apart. */
  List<CoordinatorRecord> tombstones();
}
