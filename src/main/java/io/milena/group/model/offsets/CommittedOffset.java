package io.milena.group.model.offsets;

import java.util.Objects;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * How far a group has read one partition. Immutable.
 *
 * @param offset of the next record to read
 * @param leaderEpoch of the last record read, or {@link #NO_EPOCH}
 * @param metadata of the client, empty when it gave none
 * @param commitTimestampMs wall-clock time of the commit
 * @param expireTimestampMs wall-clock time after which it is dropped, whatever the group does;
 *     {@link #NO_EXPIRY} unless an old client asked for it
 * @param topicId of the topic; {@code Uuid.ZERO_UUID} when the client named it only
 * @param recordOffset of the record in the log that says so
 */
record CommittedOffset(
    long offset,
    int leaderEpoch,
    String metadata,
    long commitTimestampMs,
    long expireTimestampMs,
    Uuid topicId,
    long recordOffset) {
  static final int NO_EPOCH = -1;
  static final long NO_EXPIRY = -1;
  static final long NO_OFFSET = -1;

  CommittedOffset {
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(topicId, "topicId");
  }

  /** What a record of versions 0 to 4 says. */
  static CommittedOffset of(OffsetCommitValue value, long recordOffset) {
    return new CommittedOffset(
        value.offset(),
        value.leaderEpoch(),
        shared(value.metadata()),
        value.commitTimestamp(),
        value.expireTimestamp(),
        shared(value.topicId()),
        recordOffset);
  }

  /** What a record of the oldest key type says. */
  static CommittedOffset of(LegacyOffsetCommitValue value, long recordOffset) {
    return new CommittedOffset(
        value.offset(),
        NO_EPOCH,
        shared(value.metadata()),
        value.commitTimestamp(),
        NO_EXPIRY,
        Uuid.ZERO_UUID,
        recordOffset);
  }

  /** The same with a topic id that others hold too, so that each id is in memory once. */
  CommittedOffset withTopicId(Uuid id) {
    return id == topicId // identity: this is about memory
        ? this
        : new CommittedOffset(
            offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs, id, recordOffset);
  }

  /** False when both ids are known and differ: the offset is one of a topic that is no more. */
  boolean of(Uuid topic) {
    return topicId.equals(Uuid.ZERO_UUID) || topic.equals(Uuid.ZERO_UUID) || topicId.equals(topic);
  }

  private static String shared(String metadata) {
    return metadata.isEmpty() ? "" : metadata;
  }

  private static Uuid shared(Uuid id) {
    return id.equals(Uuid.ZERO_UUID) ? Uuid.ZERO_UUID : id;
  }
}
