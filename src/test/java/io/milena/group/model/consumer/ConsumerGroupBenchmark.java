package io.milena.group.model.consumer;

import io.milena.coordinator.model.Decision;
import io.milena.group.model.Caller;
import io.milena.group.model.consumer.timing.GroupTiming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/**
 * How long the longest step of a big group takes: members join one after the other, then go round
 * until the group is stable. Run by hand: arguments are members, partitions and the assignment
 * interval in ms.
 */
final class ConsumerGroupBenchmark {
  private final TestGroups world = new TestGroups();
  private final List<Integer> epochs = new ArrayList<>();
  private final List<Map<Uuid, TreeSet<Integer>>> owned = new ArrayList<>();
  private long longestNs;
  private long totalNs;
  private long steps;

  public static void main(String[] args) {
    int members = args.length > 0 ? Integer.parseInt(args[0]) : 500;
    int partitions = args.length > 1 ? Integer.parseInt(args[1]) : 5_000;
    int intervalMs = args.length > 2 ? Integer.parseInt(args[2]) : 1_000;
    for (int warmUp = 0; warmUp < 3; warmUp++) {
      new ConsumerGroupBenchmark().run(members, partitions, intervalMs);
    }
  }

  private void run(int members, int partitions, int intervalMs) {
    world.timing = new GroupTiming(45_000, 5_000, intervalMs);
    for (int t = 0; t < 50; t++) {
      world.topic("t" + t, partitions / 50);
    }
    String[] topics = world.image().topics().keySet().toArray(new String[0]);
    for (int m = 0; m < members; m++) {
      epochs.add(0);
      owned.add(new TreeMap<>());
      step(m, TestGroups.joining("m" + m, topics));
      world.advance(2);
    }
    report("joins");
    int rounds = 0;
    while (!world.group().stateName().equals("Stable")) {
      for (int m = 0; m < members; m++) {
        step(
            m,
            TestGroups.request("m" + m, epochs.get(m))
                .setTopicPartitions(TestGroups.holding(owned.get(m))));
      }
      world.advance(1_000);
      rounds++;
    }
    report(rounds + " rounds to stable");
    plainHeartbeats(members);
  }

  private void step(int member, ConsumerGroupHeartbeatRequestData request) {
    long startNs = System.nanoTime();
    ConsumerGroupHeartbeatResponseData answer = world.heartbeat(request);
    count(System.nanoTime() - startNs);
    epochs.set(member, answer.memberEpoch());
    if (answer.assignment() != null) {
      owned.set(member, TestGroups.told(answer));
    }
  }

  private void count(long ns) {
    longestNs = Math.max(longestNs, ns);
    totalNs += ns;
    steps++;
  }

  private void plainHeartbeats(int members) {
    TestGroups.Ask ask = world.ask();
    Caller caller = new Caller(ask, (short) 1, TestGroups.CLIENT, TestGroups.HOST);
    int kept = 0;
    for (int i = 0; i < 200_000; i++) {
      int m = i % members;
      ConsumerGroupHeartbeatRequestData request = TestGroups.request("m" + m, epochs.get(m));
      long startNs = System.nanoTime();
      Decision decision = world.groups.heartbeat(caller, request, world.nowMs());
      count(System.nanoTime() - startNs);
      kept += decision.answers().size();
    }
    report("plain heartbeats, answered " + kept);
  }

  private void report(String what) {
    System.out.printf(
        "%s: %d steps, %.1f us each, longest %.1f ms%n",
        what, steps, totalNs / 1e3 / steps, longestNs / 1e6);
    longestNs = 0;
    totalNs = 0;
    steps = 0;
  }
}
