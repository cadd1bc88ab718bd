package io.milena.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Offset commits of consumers without members: each connection keeps a window of requests in
 * flight, each request commits some partitions of one group. Frames are made once and patched, so
 * that the load itself costs little.
 */
final class CommitLoad {
  private static final String TOPIC = "bench-commits";
  private static final short VERSION = 9;
  private static final int LATENCIES = 1 << 20;
  private static final long START_LIMIT_MS = 60_000;

  private final GroupBench.Options options;
  private final List<Lane> lanes = new ArrayList<>();
  private final long[] latenciesNs = new long[LATENCIES];
  private boolean stopped;
  private long commits;

  CommitLoad(GroupBench.Options options) {
    this.options = options;
  }

  ObjectNode run(InetSocketAddress bootstrap, BrokerProcess broker) throws IOException {
    try (RawLoop loop = new RawLoop()) {
      BenchCluster cluster = new BenchCluster(loop, bootstrap);
      cluster.topic(TOPIC, options.partitions());
      for (int i = 0; i < options.connections(); i++) {
        String group = "bench-commits-" + i % options.groups();
        RawLoop.Connection connection = loop.connect(cluster.coordinator(group));
        firstCommit(loop, connection, group);
        lanes.add(new Lane(connection, group));
      }
      lanes.forEach(Lane::start);
      loop.runFor(options.warmUpSeconds() * 1_000L);
      commits = 0;
      double cpuBefore = broker.cpuSeconds();
      long beforeNs = System.nanoTime();
      loop.runFor(options.seconds() * 1_000L);
      double seconds = (System.nanoTime() - beforeNs) / 1e9;
      double cpu = broker.cpuSeconds() - cpuBefore;
      long done = commits;
      stopped = true;
      loop.run(
          () -> lanes.stream().allMatch(lane -> lane.connection.inFlight() == 0),
          START_LIMIT_MS,
          "the last answers");
      return report(done, seconds, cpu).put("peakRssKib", broker.peakRssKib());
    }
  }

  /** A coordinator may still be loading or its topic just made: the first commit is repeated. */
  private void firstCommit(RawLoop loop, RawLoop.Connection connection, String group)
      throws IOException {
    Errors[] error = {Errors.COORDINATOR_LOAD_IN_PROGRESS};
    long endNs = System.nanoTime() + START_LIMIT_MS * 1_000_000;
    while (error[0] != Errors.NONE && System.nanoTime() < endNs) {
      boolean[] answered = {false};
      connection.<OffsetCommitResponseData>send(
          ApiKeys.OFFSET_COMMIT,
          VERSION,
          request(group, 0),
          answer -> {
            error[0] = error(answer);
            answered[0] = true;
          });
      loop.run(() -> answered[0], START_LIMIT_MS, "the first commit");
      if (error[0] != Errors.NONE) {
        loop.runFor(100);
      }
    }
    if (error[0] != Errors.NONE) {
      throw new IOException("the first commit of " + group + ": " + error[0]);
    }
  }

  private OffsetCommitRequestData request(String group, long offset) {
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName(TOPIC);
    for (int p = 0; p < options.partitionsPerCommit(); p++) {
      topic
          .partitions()
          .add(
              new OffsetCommitRequestPartition()
                  .setPartitionIndex(p)
                  .setCommittedOffset(offset)
                  .setCommittedMetadata(""));
    }
    return new OffsetCommitRequestData()
        .setGroupId(group)
        .setMemberId("")
        .setTopics(List.of(topic));
  }

  private static Errors error(OffsetCommitResponseData answer) {
    return answer.topics().stream()
        .flatMap(t -> t.partitions().stream())
        .map(p -> Errors.forCode(p.errorCode()))
        .filter(e -> e != Errors.NONE)
        .findFirst()
        .orElse(Errors.NONE);
  }

  private ObjectNode report(long done, double seconds, double cpu) {
    int kept = (int) Math.min(done, LATENCIES);
    long[] sorted = Arrays.copyOf(latenciesNs, kept);
    Arrays.sort(sorted);
    return GroupBench.JSON
        .createObjectNode()
        .put("requestsPerSecond", done / seconds)
        .put("offsetsPerSecond", done * options.partitionsPerCommit() / seconds)
        .put("brokerCpuUsPerRequest", cpu / done * 1e6)
        .put("brokerCpuUsPerOffset", cpu / done / options.partitionsPerCommit() * 1e6)
        .put("brokerCores", cpu / seconds)
        .put("p50Ms", kept == 0 ? 0 : sorted[kept / 2] / 1e6)
        .put("p99Ms", kept == 0 ? 0 : sorted[(int) (kept * 0.99)] / 1e6)
        .put("maxMs", kept == 0 ? 0 : sorted[kept - 1] / 1e6);
  }

  /** One connection with its window. */
  private final class Lane {
    private final RawLoop.Connection connection;
    private final ByteBuffer[] frames;
    private final long[] sentNs;
    private final int[] offsetsAt;
    private long offset;

    Lane(RawLoop.Connection connection, String group) {
      this.connection = connection;
      this.frames = new ByteBuffer[options.window()];
      this.sentNs = new long[options.window()];
      for (int i = 0; i < frames.length; i++) {
        frames[i] = RawLoop.frame(ApiKeys.OFFSET_COMMIT, VERSION, request(group, 0), "bench");
      }
      ByteBuffer other = RawLoop.frame(ApiKeys.OFFSET_COMMIT, VERSION, request(group, -1), "bench");
      this.offsetsAt = longsThatDiffer(frames[0], other);
    }

    void start() {
      for (int i = 0; i < frames.length; i++) {
        send(i);
      }
    }

    private void send(int slot) {
      offset++;
      ByteBuffer frame = frames[slot].rewind();
      for (int at : offsetsAt) {
        frame.putLong(at, offset);
      }
      sentNs[slot] = System.nanoTime();
      connection.sendFrame(frame, answer -> answered(slot, answer));
    }

    private void answered(int slot, ByteBuffer frame) {
      Errors error =
          error((OffsetCommitResponseData) RawLoop.decode(ApiKeys.OFFSET_COMMIT, VERSION, frame));
      if (error != Errors.NONE) {
        throw new IllegalStateException("a commit was refused: " + error);
      }
      latenciesNs[(int) (commits++ % LATENCIES)] = System.nanoTime() - sentNs[slot];
      if (!stopped) {
        send(slot);
      }
    }
  }

  /** Where two frames differ that are alike but for numbers of eight bytes. */
  private static int[] longsThatDiffer(ByteBuffer one, ByteBuffer other) {
    List<Integer> at = new ArrayList<>();
    for (int i = 0; i < one.limit(); i++) {
      if (one.get(i) != other.get(i)) {
        at.add(i);
        i += Long.BYTES - 1;
      }
    }
    return at.stream().mapToInt(Integer::intValue).toArray();
  }
}
