package io.milena.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;

/** Members of the classic protocol, eager, with range-like assignments by their leader. */
final class ClassicMembers extends CountedMembers {
  private static final short JOIN = 9;
  private static final short SYNC = 5;
  private static final short HEARTBEAT = 4;
  private static final short LEAVE = 5;
  private static final int SESSION_MS = 45_000;
  private static final String TYPE = "consumer";
  private static final String PROTOCOL = "range";

  private final int heartbeatMs;
  private final byte[] subscription;

  ClassicMembers(RebalanceLoad.GroupSetup setup, int heartbeatMs) {
    super(setup);
    this.heartbeatMs = heartbeatMs;
    this.subscription =
        Utils.toArray(
            ConsumerProtocol.serializeSubscription(new Subscription(List.of(setup.topic()))));
  }

  @Override
  RebalanceLoad.Member on(RawLoop.Connection connection) {
    return new Member(connection);
  }

  private final class Member implements RebalanceLoad.Member {
    private final RawLoop.Connection connection;
    private String id = "";
    private int generation = -1;
    private int owned;
    private boolean in;
    private boolean gone;
    private boolean rejoining;

    Member(RawLoop.Connection connection) {
      this.connection = connection;
    }

    @Override
    public void join() {
      out();
      rejoining = true;
      JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
      protocols.add(new JoinGroupRequestProtocol().setName(PROTOCOL).setMetadata(subscription));
      connection.<JoinGroupResponseData>send(
          ApiKeys.JOIN_GROUP,
          JOIN,
          new JoinGroupRequestData()
              .setGroupId(setup.group())
              .setMemberId(id)
              .setSessionTimeoutMs(SESSION_MS)
              .setRebalanceTimeoutMs(REBALANCE_MS)
              .setProtocolType(TYPE)
              .setProtocols(protocols),
          this::joined);
    }

    private void joined(JoinGroupResponseData answer) {
      answers++;
      Errors error = Errors.forCode(answer.errorCode());
      switch (error) {
        case NONE -> {
          id = answer.memberId();
          generation = answer.generationId();
          sync(answer.leader().equals(id) ? assign(answer.members()) : List.of());
        }
        case MEMBER_ID_REQUIRED -> {
          id = answer.memberId();
          join();
        }
        case UNKNOWN_MEMBER_ID -> {
          id = "";
          join();
        }
        case COORDINATOR_LOAD_IN_PROGRESS, REBALANCE_IN_PROGRESS, NOT_COORDINATOR ->
            setup.loop().after(RETRY_MS, this::join);
        default -> throw new IllegalStateException("join: " + error);
      }
    }

    private List<SyncGroupRequestAssignment> assign(List<JoinGroupResponseMember> members) {
      List<SyncGroupRequestAssignment> assignments = new ArrayList<>(members.size());
      for (int m = 0; m < members.size(); m++) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int p = m; p < setup.partitions(); p += members.size()) {
          partitions.add(new TopicPartition(setup.topic(), p));
        }
        assignments.add(
            new SyncGroupRequestAssignment()
                .setMemberId(members.get(m).memberId())
                .setAssignment(
                    Utils.toArray(
                        ConsumerProtocol.serializeAssignment(new Assignment(partitions)))));
      }
      return assignments;
    }

    private void sync(List<SyncGroupRequestAssignment> assignments) {
      connection.<SyncGroupResponseData>send(
          ApiKeys.SYNC_GROUP,
          SYNC,
          new SyncGroupRequestData()
              .setGroupId(setup.group())
              .setMemberId(id)
              .setGenerationId(generation)
              .setProtocolType(TYPE)
              .setProtocolName(PROTOCOL)
              .setAssignments(assignments),
          this::synced);
    }

    private void synced(SyncGroupResponseData answer) {
      answers++;
      Errors error = Errors.forCode(answer.errorCode());
      if (error == Errors.NONE) {
        owned =
            ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment()))
                .partitions()
                .size();
        in = true;
        rejoining = false;
        settle(generation, owned);
        setup.loop().after(heartbeatMs, this::beat);
      } else {
        again(error, "sync");
      }
    }

    private void beat() {
      if (gone || !in) {
        return;
      }
      connection.<HeartbeatResponseData>send(
          ApiKeys.HEARTBEAT,
          HEARTBEAT,
          new HeartbeatRequestData()
              .setGroupId(setup.group())
              .setMemberId(id)
              .setGenerationId(generation),
          this::beaten);
    }

    private void beaten(HeartbeatResponseData answer) {
      answers++;
      Errors error = Errors.forCode(answer.errorCode());
      if (gone || !in) {
        return;
      }
      if (error == Errors.NONE) {
        setup.loop().after(heartbeatMs, this::beat);
      } else {
        again(error, "heartbeat");
      }
    }

    private void again(Errors error, String what) {
      switch (error) {
        case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> join();
        case UNKNOWN_MEMBER_ID -> {
          id = "";
          join();
        }
        default -> throw new IllegalStateException(what + ": " + error);
      }
    }

    private void out() {
      if (in) {
        in = false;
        unsettle(generation, owned);
      }
    }

    @Override
    public void leave() {
      if (rejoining) {
        throw new IllegalStateException("leaves while it joins");
      }
      out();
      gone = true;
      connection.<LeaveGroupResponseData>send(
          ApiKeys.LEAVE_GROUP,
          LEAVE,
          new LeaveGroupRequestData()
              .setGroupId(setup.group())
              .setMembers(List.of(new MemberIdentity().setMemberId(id))),
          answer -> left(connection));
    }
  }
}
