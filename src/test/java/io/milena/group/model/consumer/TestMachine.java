package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupMachine;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.testing.HandTimers;
import io.milena.testing.HandTimers.Due;
import io.milena.testing.ImageChange;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/** The whole group machine; appends are committed at once, the clock is moved by the test. */
final class TestMachine {
  static final int INITIAL_DELAY_MS = 3_001;
  static final long RARELY_MS = 2_000_000_000;

  /** Waits for one answer. */
  static final class Ask implements Token {
    private ApiMessage answer;

    ApiMessage answer() {
      return answer;
    }
  }

  private final HandTimers timers = new HandTimers();
  private final GroupLimits limits = GroupLimits.none();
  private final GroupMachine machine;
  private ClusterImage image = ClusterImage.empty("cluster");
  private List<CoordinatorRecord> written = new ArrayList<>();
  private long nowMs = 1_000_000;
  private long offset;
  private boolean hasProtocol;

  /** What Kafka wrote in the same event. */
  List<CoordinatorRecord> kafkas = List.of();

  /** The end of the next id that is made up. */
  String nextMemberId = "";

  TestMachine(int assignmentIntervalMs) {
    machine =
        new GroupMachine(
            new GroupMachine.Surroundings(
                settings(),
                limits,
                () -> image,
                (cluster, group) -> new GroupTiming(45_000, 5_000, assignmentIntervalMs),
                () -> nextMemberId,
                done -> {}));
    carryOut(machine.loaded(nowMs));
  }

  private static GroupSettings settings() {
    return new GroupSettings(
        new GroupSettings.Classic(INITIAL_DELAY_MS, 6_000, 1_800_000, Integer.MAX_VALUE),
        new GroupSettings.Consumer(
            true,
            Integer.MAX_VALUE,
            List.of("range", "uniform"),
            GroupSettings.Migration.BIDIRECTIONAL,
            600_000),
        new GroupSettings.Offsets(7 * 24 * 3_600_000L, RARELY_MS, 4_096));
  }

  long nowMs() {
    return nowMs;
  }

  ClusterImage image() {
    return image;
  }

  /** Kind and state of the only group, e.g. {@code "consumer Empty"}; null when there is none. */
  String kind() {
    ListGroupsResponseData groups =
        (ListGroupsResponseData)
            ask(ApiKeys.LIST_GROUPS, 5, null, new ListGroupsRequestData()).answer();
    return groups.groups().isEmpty()
        ? null
        : groups.groups().get(0).groupType() + " " + groups.groups().get(0).groupState();
  }

  /** Nobody is a member, or has an id to become one. */
  boolean isDeserted() {
    String kind = kind();
    return (kind == null || kind.endsWith(" Empty")) && limits.pendingMembers() == 0;
  }

  /** Bytes that members take. */
  long memberBytes() {
    return limits.memberBytes();
  }

  /** A classic group gathers for its first generation, and so has no protocol yet. */
  boolean awaitsFirstGeneration() {
    DescribeGroupsResponseData described =
        (DescribeGroupsResponseData)
            ask(ApiKeys.DESCRIBE_GROUPS, 5, TestGroups.GROUP, new DescribeGroupsRequestData())
                .answer();
    return !hasProtocol && described.groups().get(0).groupState().equals("PreparingRebalance");
  }

  List<CoordinatorRecord> takeRecords() {
    List<CoordinatorRecord> taken = written;
    written = new ArrayList<>();
    return taken;
  }

  Ask ask(ApiKeys api, int version, String groupId, ApiMessage body) {
    Ask ask = new Ask();
    carryOut(
        machine.handle(
            new GroupRequest(
                api.id, (short) version, groupId, body, TestGroups.CLIENT, TestGroups.HOST),
            ask,
            nowMs));
    return ask;
  }

  private void carryOut(Decision decision) {
    assertThat(decision.bugs()).isEmpty();
    for (Answer answer : decision.answers()) {
      Ask ask = (Ask) answer.to();
      if (ask.answer != null) {
        throw new AssertionError("answered twice: " + answer);
      }
      ask.answer = answer.body();
    }
    timers.set(decision.timers());
    if (decision.after() != null) {
      for (CoordinatorRecord record : decision.records()) {
        written.add(record);
        if (record.value() instanceof GroupMetadataValue value) {
          hasProtocol = value.protocol() != null;
        }
        machine.apply(asKafkaOrders(record), offset++, nowMs);
      }
      carryOut(decision.after().committed(nowMs));
    }
  }

  /**
   * Members of a classic group have no order, and the first of them leads: when Kafka wrote the
   * same but for the order, its order holds.
   */
  private CoordinatorRecord asKafkaOrders(CoordinatorRecord record) {
    if (record.value() instanceof GroupMetadataValue value && !value.members().isEmpty()) {
      List<String> text = RecordText.of(List.of(record));
      for (CoordinatorRecord theirs : kafkas) {
        if (RecordText.of(List.of(theirs)).equals(text)) {
          return theirs;
        }
      }
    }
    return record;
  }

  /** Moves time; what is due on the way rings. */
  void advance(long ms) {
    long until = nowMs + ms;
    for (Due next = timers.takeDue(until); next != null; next = timers.takeDue(until)) {
      nowMs = Math.max(nowMs, next.atMs());
      carryOut(machine.timer(next.key(), nowMs));
    }
    nowMs = until;
  }

  void topic(String name, Uuid id, int partitions) {
    change(List.of(ImageChange.topic(name, id, partitions)), List.of());
  }

  void noTopic(String name) {
    change(List.of(), List.of(name));
  }

  private void change(List<TopicImage> come, List<String> gone) {
    ClusterImage before = image;
    image = ImageChange.of(image).topics(come).topicsGone(gone).image();
    carryOut(machine.imageChanged(before, image, nowMs));
    advance(0);
  }
}
