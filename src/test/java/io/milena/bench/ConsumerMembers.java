package io.milena.bench;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Members of the consumer protocol (KIP-848). A change of what a member is to own is made at once
 * and told at once, as the Java consumer does; otherwise it beats when the broker said.
 */
final class ConsumerMembers extends CountedMembers {
  private static final short HEARTBEAT = 1;
  private static final int JOIN_EPOCH = 0;
  private static final int LEAVE_EPOCH = -1;

  private final Set<Member> present = new HashSet<>();
  private int there;

  ConsumerMembers(RebalanceLoad.GroupSetup setup) {
    super(setup);
  }

  @Override
  RebalanceLoad.Member on(RawLoop.Connection connection) {
    return new Member(connection);
  }

  /**
   * All in the newest epoch; each partition has one owner, for the broker sees to that; nobody has
   * more than his share. Without the last a broker that assigns seldom seems stable while the first
   * member still owns everything.
   */
  @Override
  public boolean stable(int expected) {
    int share = (setup.partitions() + expected - 1) / expected;
    return there == expected
        && super.stable(expected)
        && present.stream().allMatch(member -> member.owned.size() <= share);
  }

  private final class Member implements RebalanceLoad.Member {
    private final RawLoop.Connection connection;
    private final String id = Uuid.randomUuid().toString();
    private Set<Integer> owned = new HashSet<>();
    private int epoch = JOIN_EPOCH;
    private boolean counted;
    private boolean gone;
    private boolean busy;

    Member(RawLoop.Connection connection) {
      this.connection = connection;
    }

    @Override
    public void join() {
      there++;
      present.add(this);
      send(
          request(JOIN_EPOCH)
              .setRebalanceTimeoutMs(REBALANCE_MS)
              .setSubscribedTopicNames(List.of(setup.topic()))
              .setTopicPartitions(List.of()));
    }

    private ConsumerGroupHeartbeatRequestData request(int atEpoch) {
      return new ConsumerGroupHeartbeatRequestData()
          .setGroupId(setup.group())
          .setMemberId(id)
          .setMemberEpoch(atEpoch)
          .setRebalanceTimeoutMs(-1)
          .setSubscribedTopicNames(null)
          .setTopicPartitions(null);
    }

    private void send(ConsumerGroupHeartbeatRequestData data) {
      busy = true;
      connection.<ConsumerGroupHeartbeatResponseData>send(
          ApiKeys.CONSUMER_GROUP_HEARTBEAT, HEARTBEAT, data, this::answered);
    }

    private void answered(ConsumerGroupHeartbeatResponseData answer) {
      answers++;
      busy = false;
      if (gone) {
        sayGoodbye();
        return;
      }
      Errors error = Errors.forCode(answer.errorCode());
      if (error == Errors.COORDINATOR_LOAD_IN_PROGRESS || error == Errors.NOT_COORDINATOR) {
        there--;
        setup.loop().after(RETRY_MS, this::join);
        return;
      }
      if (error != Errors.NONE) {
        throw new IllegalStateException("heartbeat: " + error + " " + answer.errorMessage());
      }
      boolean changed = take(answer);
      if (changed) {
        send(request(epoch).setTopicPartitions(told()));
      } else {
        setup.loop().after(answer.heartbeatIntervalMs(), this::beat);
      }
    }

    /** Takes over epoch and assignment; true when what it owns changed. */
    private boolean take(ConsumerGroupHeartbeatResponseData answer) {
      uncount();
      epoch = answer.memberEpoch();
      boolean changed = false;
      if (answer.assignment() != null) {
        Set<Integer> assigned = new HashSet<>();
        answer.assignment().topicPartitions().forEach(t -> assigned.addAll(t.partitions()));
        changed = !assigned.equals(owned);
        owned = assigned;
      }
      settle(epoch, owned.size());
      counted = true;
      return changed;
    }

    private void uncount() {
      if (counted) {
        unsettle(epoch, owned.size());
        counted = false;
      }
    }

    private List<TopicPartitions> told() {
      return owned.isEmpty()
          ? List.of()
          : List.of(
              new TopicPartitions()
                  .setTopicId(setup.topicId())
                  .setPartitions(owned.stream().sorted().toList()));
    }

    private void beat() {
      if (!gone && !busy) {
        send(request(epoch));
      }
    }

    @Override
    public void leave() {
      uncount();
      there--;
      present.remove(this);
      gone = true;
      if (!busy) {
        sayGoodbye();
      }
    }

    private void sayGoodbye() {
      connection.<ConsumerGroupHeartbeatResponseData>send(
          ApiKeys.CONSUMER_GROUP_HEARTBEAT,
          HEARTBEAT,
          request(LEAVE_EPOCH),
          answer -> left(connection));
    }
  }
}
