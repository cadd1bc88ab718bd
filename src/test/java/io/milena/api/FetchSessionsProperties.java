package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** A client that merges incremental answers always knows what a full answer would tell it. */
class FetchSessionsProperties {
  private static final int PARTITIONS = 6;

  /** What a client knows of a partition. */
  private record Known(short error, long highWatermark, long logStartOffset) {}

  /** The broker's side: what reading a partition gives now. */
  private static final class Log {
    private boolean failing;
    private long end;
    private long start;

    PartitionData read(FetchPosition position) {
      PartitionData data = new PartitionData().setPartitionIndex(position.key().partition());
      if (failing) {
        return data.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code())
            .setHighWatermark(-1)
            .setLogStartOffset(-1)
            .setRecords(MemoryRecords.EMPTY);
      }
      return data.setHighWatermark(end).setLogStartOffset(start).setRecords(MemoryRecords.EMPTY);
    }

    Known known() {
      return failing
          ? new Known(Errors.NOT_LEADER_OR_FOLLOWER.code(), -1, -1)
          : new Known((short) 0, end, start);
    }
  }

  private final Uuid topicId = Uuid.randomUuid();
  private final FetchSessionSlots slots = new FetchSessionSlots(10);
  private FetchSessions sessions;

  @Property(tries = 300)
  void shouldTellByAndByWhatAFullAnswerTells(@ForAll long seed, @ForAll boolean byTopicId) {
    Random random = new Random(seed);
    sessions = new FetchSessions(slots, random::nextLong);
    Map<Integer, Log> logs = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      logs.put(p, new Log());
    }
    Set<Integer> fetched = new HashSet<>(Set.of(0, 1));
    Map<Integer, Known> client = new LinkedHashMap<>();
    FetchResponseData first =
        exchange(request(byTopicId, 0, 0, fetched, Set.of()), byTopicId, logs, client);
    int session = first.sessionId();
    assertThat(session).isPositive();

    for (int epoch = 1; epoch < 30; epoch++) {
      change(random, logs);
      Set<Integer> added = pick(random);
      Set<Integer> forgotten = pick(random);
      forgotten.removeAll(added);
      fetched.addAll(added);
      fetched.removeAll(forgotten);
      client.keySet().retainAll(fetched);
      FetchResponseData answer =
          exchange(request(byTopicId, session, epoch, added, forgotten), byTopicId, logs, client);
      assertThat(answer.errorCode()).isZero();
      for (int p : fetched) {
        assertThat(client.get(p)).as("partition %s", p).isEqualTo(logs.get(p).known());
      }
      if (fetched.isEmpty()) {
        assertThat(answer.sessionId()).isZero();
        break;
      }
    }
    sessions.close();
    assertThat(slots.used()).isZero();
    assertThat(slots.partitions()).isZero();
  }

  private FetchResponseData exchange(
      FetchRequestData request,
      boolean byTopicId,
      Map<Integer, Log> logs,
      Map<Integer, Known> client) {
    FetchContext context = sessions.open(request, byTopicId);
    List<PartitionData> answers = new ArrayList<>();
    for (FetchPosition position : context.positions()) {
      answers.add(logs.get(position.key().partition()).read(position));
    }
    FetchResponseData response = context.respond(answers);
    for (FetchableTopicResponse topic : response.responses()) {
      for (PartitionData data : topic.partitions()) {
        client.put(
            data.partitionIndex(),
            new Known(data.errorCode(), data.highWatermark(), data.logStartOffset()));
      }
    }
    return response;
  }

  private static void change(Random random, Map<Integer, Log> logs) {
    for (Log log : logs.values()) {
      switch (random.nextInt(5)) {
        case 0 -> log.end += random.nextInt(3);
        case 1 -> log.start = Math.min(log.end, log.start + 1);
        case 2 -> log.failing = !log.failing;
        default -> log.end += 0;
      }
    }
  }

  private static Set<Integer> pick(Random random) {
    Set<Integer> picked = new HashSet<>();
    for (int p = 0; p < PARTITIONS; p++) {
      if (random.nextInt(5) == 0) {
        picked.add(p);
      }
    }
    return picked;
  }

  private FetchRequestData request(
      boolean byTopicId, int session, int epoch, Set<Integer> fetched, Set<Integer> forgotten) {
    FetchTopic topic = new FetchTopic();
    ForgottenTopic gone = new ForgottenTopic().setPartitions(List.copyOf(forgotten));
    if (byTopicId) {
      topic.setTopicId(topicId);
      gone.setTopicId(topicId);
    } else {
      topic.setTopic("t");
      gone.setTopic("t");
    }
    fetched.forEach(p -> topic.partitions().add(new FetchPartition().setPartition(p)));
    return new FetchRequestData()
        .setSessionId(session)
        .setSessionEpoch(epoch)
        .setTopics(List.of(topic))
        .setForgottenTopicsData(List.of(gone));
  }
}
