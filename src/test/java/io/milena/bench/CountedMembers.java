package io.milena.bench;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What members of either protocol have in common: how many they are, and who owns how much. */
abstract class CountedMembers implements RebalanceLoad.Members {
  static final long RETRY_MS = 100;
  static final int REBALANCE_MS = 60_000;

  final RebalanceLoad.GroupSetup setup;

  /** Requests answered so far. */
  long answers;

  /** How many members are in a generation or an epoch with their assignments, and what they own. */
  private final Map<Integer, int[]> settled = new HashMap<>();

  private int newest;
  private int members;
  private int goodbyes;

  CountedMembers(RebalanceLoad.GroupSetup setup) {
    this.setup = setup;
  }

  /** A member that has this connection. */
  abstract RebalanceLoad.Member on(RawLoop.Connection connection);

  @Override
  public RebalanceLoad.Member create() throws IOException {
    members++;
    return on(setup.loop().connect(setup.coordinator()));
  }

  @Override
  public boolean stable(int expected) {
    int[] now = settled.get(newest);
    return now != null && now[0] == expected && now[1] == setup.partitions();
  }

  @Override
  public boolean gone() {
    return goodbyes == members;
  }

  @Override
  public long answers() {
    return answers;
  }

  /** One member more in that generation or epoch, which owns so much. */
  void settle(int epoch, int owned) {
    newest = Math.max(newest, epoch);
    count(epoch, 1, owned);
  }

  /** One member fewer in it. */
  void unsettle(int epoch, int owned) {
    count(epoch, -1, -owned);
  }

  private void count(int epoch, int members, int owned) {
    int[] counts = settled.computeIfAbsent(epoch, e -> new int[2]);
    counts[0] += members;
    counts[1] += owned;
  }

  /** A goodbye was answered. */
  void left(RawLoop.Connection connection) {
    answers++;
    goodbyes++;
    connection.close();
  }
}
