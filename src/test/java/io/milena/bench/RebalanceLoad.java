package io.milena.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;

/**
 * A group of many members, driven by this process: it forms, one member comes, one goes, half of
 * them go; after each, how long until every partition has one owner again and what that cost the
 * broker. At the end a while of nothing but heartbeats.
 */
final class RebalanceLoad {
  private static final String TOPIC = "bench-rebalance";
  private static final long LIMIT_MS = 180_000;

  /**
   * Members beat in swarms after a rebalance, so what happens next meets them at any time of their
   * interval (5 s): the pause before it is this and up to one interval more.
   */
  private static final int QUIET_MS = 3_500;

  private static final int INTERVAL_MS = 5_000;

  /** A member of either protocol. */
  interface Member {
    void join();

    void leave();
  }

  /** All members of a group, whatever its protocol. */
  interface Members {
    /** A new member on its own connection, not joined yet. */
    Member create() throws IOException;

    /** True when the members that should be there own every partition once. */
    boolean stable(int expected);

    /** True when every goodbye was answered. */
    boolean gone();

    /** Requests answered so far. */
    long answers();
  }

  private final GroupBench.Options options;
  private final RawLoop loop;
  private final BrokerProcess broker;
  private final Random random;
  private final ArrayNode phases = GroupBench.JSON.createArrayNode();

  private RebalanceLoad(
      GroupBench.Options options, RawLoop loop, BrokerProcess broker, Random random) {
    this.options = options;
    this.loop = loop;
    this.broker = broker;
    this.random = random;
  }

  static ObjectNode run(
      GroupBench.Options options, InetSocketAddress bootstrap, BrokerProcess broker)
      throws IOException {
    try (RawLoop loop = new RawLoop()) {
      BenchCluster cluster = new BenchCluster(loop, bootstrap);
      Uuid topicId = cluster.topic(TOPIC, options.partitions());
      ArrayNode groups = GroupBench.JSON.createArrayNode();
      Random random = new Random(1); // the same pauses for every broker
      for (int i = 0; i < options.repeats(); i++) {
        String group = "bench-rebalance-" + Uuid.randomUuid();
        InetSocketAddress coordinator = cluster.coordinator(group);
        GroupSetup setup =
            new GroupSetup(loop, coordinator, group, TOPIC, topicId, options.partitions());
        Members members =
            options.what().equals("rebalance-consumer")
                ? new ConsumerMembers(setup)
                : new ClassicMembers(setup, options.heartbeatMs());
        groups.add(new RebalanceLoad(options, loop, broker, random).run(members));
      }
      return GroupBench.JSON
          .createObjectNode()
          .put("members", options.members())
          .put("partitions", options.partitions())
          .put("peakRssKib", broker.peakRssKib())
          .set("groups", groups);
    }
  }

  /**
   * @param partitions of the topic
   */
  record GroupSetup(
      RawLoop loop,
      InetSocketAddress coordinator,
      String group,
      String topic,
      Uuid topicId,
      int partitions) {}

  private ArrayNode run(Members members) throws IOException {
    List<Member> all = new ArrayList<>();
    for (int i = 0; i < options.members() + 1; i++) {
      all.add(members.create());
    }
    Member extra = all.remove(all.size() - 1);
    phase("form", members, () -> joinAll(all));
    phase(
        "oneComes",
        members,
        () -> {
          extra.join();
          return all.size() + 1;
        });
    phase(
        "oneGoes",
        members,
        () -> {
          extra.leave();
          return all.size();
        });
    phase(
        "halfGo",
        members,
        () -> {
          int half = all.size() / 2;
          all.subList(0, half).forEach(Member::leave);
          return all.size() - half;
        });
    heartbeats(members);
    all.subList(all.size() / 2, all.size()).forEach(Member::leave);
    loop.run(() -> members.gone(), LIMIT_MS, "allGo");
    return phases;
  }

  private static int joinAll(List<Member> members) {
    members.forEach(Member::join);
    return members.size();
  }

  private void phase(String name, Members members, Supplier<Integer> begin) throws IOException {
    double cpuBefore = broker.cpuSeconds();
    long answersBefore = members.answers();
    long beforeNs = System.nanoTime();
    int expected = begin.get();
    loop.run(() -> members.stable(expected), LIMIT_MS, name);
    double stableMs = (System.nanoTime() - beforeNs) / 1e6;
    double cpuUntilStable = broker.cpuSeconds() - cpuBefore;
    long answers = members.answers() - answersBefore;
    loop.runFor(
        QUIET_MS
            + random.nextInt(INTERVAL_MS)); // what the broker still does, and all members settle
    if (!members.stable(expected)) {
      throw new IOException("the group did not stay stable after " + name);
    }
    phases.add(
        GroupBench.JSON
            .createObjectNode()
            .put("phase", name)
            .put("stableMs", stableMs)
            .put("brokerCpuSeconds", cpuUntilStable)
            .put("brokerCpuSecondsWithQuiet", broker.cpuSeconds() - cpuBefore)
            .put("requests", answers));
  }

  private void heartbeats(Members members) throws IOException {
    double cpuBefore = broker.cpuSeconds();
    long answersBefore = members.answers();
    long ms = options.seconds() * 1_000L;
    loop.runFor(ms);
    double cpu = broker.cpuSeconds() - cpuBefore;
    long answers = members.answers() - answersBefore;
    phases.add(
        GroupBench.JSON
            .createObjectNode()
            .put("phase", "heartbeats")
            .put("ms", ms)
            .put("brokerCpuSeconds", cpu)
            .put("requests", answers)
            .put("brokerCpuUsPerRequest", answers == 0 ? 0 : cpu / answers * 1e6));
  }
}
