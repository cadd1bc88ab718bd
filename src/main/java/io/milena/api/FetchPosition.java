package io.milena.api;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;

/**
 * Where one partition of a Fetch request stands. Immutable, so a long poll keeps its own view while
 * its session moves on.
 *
 * @param key topic (name or id) and number
 * @param maxBytes limit for this partition
 * @param currentLeaderEpoch -1 when the client did not say
 * @param lastFetchedEpoch -1 when the client did not say
 */
record FetchPosition(
    Key key, long fetchOffset, int maxBytes, int currentLeaderEpoch, int lastFetchedEpoch) {

  /**
   * @param topic name, or null when named by id
   * @param topicId zero when named by name
   */
  record Key(String topic, Uuid topicId, int partition) {}

  static List<FetchPosition> listOf(FetchRequestData request, boolean byTopicId) {
    List<FetchPosition> positions = new ArrayList<>();
    for (FetchTopic topic : request.topics()) {
      for (FetchPartition p : topic.partitions()) {
        positions.add(
            new FetchPosition(
                key(byTopicId, topic.topic(), topic.topicId(), p.partition()),
                p.fetchOffset(),
                p.partitionMaxBytes(),
                p.currentLeaderEpoch(),
                p.lastFetchedEpoch()));
      }
    }
    return positions;
  }

  static Key key(boolean byTopicId, String topic, Uuid topicId, int partition) {
    return new Key(byTopicId ? null : topic, byTopicId ? topicId : Uuid.ZERO_UUID, partition);
  }
}
