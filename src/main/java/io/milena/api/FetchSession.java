package io.milena.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/**
 * One incremental fetch session: the partitions in the order in which they are served, and what the
 * client last heard of each. Owned by the event loop of its connection.
 *
 * <p>Always holds: a partition that delivered records goes to the end, so none starves; a partition
 * that had an error is told again when the error is gone.
 */
final class FetchSession {
  private static final long UNKNOWN = -1;

  /** What the client knows of one partition. */
  private static final class Cached {
    private FetchPosition position;
    private long highWatermark = UNKNOWN;
    private long logStartOffset = UNKNOWN;

    Cached(FetchPosition position) {
      this.position = position;
    }
  }

  private final int id;
  private final boolean byTopicId;
  private final FetchSessionSlots slots;
  private final LinkedHashMap<FetchPosition.Key, Cached> partitions = new LinkedHashMap<>();
  private int epoch = 1;

  FetchSession(int id, boolean byTopicId, FetchSessionSlots slots) {
    this.id = id;
    this.byTopicId = byTopicId;
    this.slots = slots;
  }

  int id() {
    return id;
  }

  boolean byTopicId() {
    return byTopicId;
  }

  /** The epoch that the next request must have. */
  int epoch() {
    return epoch;
  }

  void advanceEpoch() {
    epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
  }

  boolean isEmpty() {
    return partitions.isEmpty();
  }

  /** Adds, changes and forgets partitions as a request says. */
  void update(List<FetchPosition> changed, List<ForgottenTopic> forgotten) {
    int before = partitions.size();
    for (FetchPosition position : changed) {
      Cached cached = partitions.get(position.key());
      if (cached == null) {
        partitions.put(position.key(), new Cached(position));
      } else {
        cached.position = position;
      }
    }
    for (ForgottenTopic topic : forgotten) {
      for (int partition : topic.partitions()) {
        partitions.remove(FetchPosition.key(byTopicId, topic.topic(), topic.topicId(), partition));
      }
    }
    slots.countPartitions(partitions.size() - before);
  }

  List<FetchPosition> positions() {
    List<FetchPosition> positions = new ArrayList<>(partitions.size());
    for (Cached cached : partitions.values()) {
      positions.add(cached.position);
    }
    return positions;
  }

  /** Takes over what a full answer told. */
  void tellAll(List<FetchPosition> positions, List<PartitionData> answers) {
    update(positions, List.of());
    for (int i = 0; i < positions.size(); i++) {
      tell(positions.get(i).key(), answers.get(i));
    }
  }

  /**
   * True when the answer is news for the client; remembers it as told. A partition that the session
   * has forgotten meanwhile is no news.
   */
  boolean tell(FetchPosition.Key key, PartitionData answer) {
    Cached cached = partitions.get(key);
    if (cached == null) {
      return false;
    }
    boolean hasRecords = answer.records() != null && answer.records().sizeInBytes() > 0;
    boolean failed = answer.errorCode() != Errors.NONE.code();
    boolean news =
        hasRecords
            || failed
            || cached.highWatermark != answer.highWatermark()
            || cached.logStartOffset != answer.logStartOffset()
            || answer.divergingEpoch().epoch() >= 0
            || answer.preferredReadReplica() >= 0;
    cached.highWatermark = failed ? UNKNOWN : answer.highWatermark();
    cached.logStartOffset = answer.logStartOffset();
    if (hasRecords) {
      partitions.remove(key);
      partitions.put(key, cached);
    }
    return news;
  }

  /** Gives the slot back; the session is not used again. */
  void drop() {
    slots.give();
    slots.countPartitions(-partitions.size());
    partitions.clear();
  }
}
