package io.milena.group.model.assignor;

import java.util.Arrays;

/**
 * All members subscribe alike: each gets {@code partitions / members}, some one more. Those that
 * have more already are the first to keep one more; only what is above a member's share moves.
 */
final class EvenSpread {
  private final PartitionLedger ledger;
  private final int[] room;

  EvenSpread(AssignmentSpec spec, PartitionLedger ledger) {
    this.ledger = ledger;
    this.room = new int[spec.members().size()];
  }

  void run() {
    int partitions = 0;
    for (int t = 0; t < ledger.topicCount(); t++) {
      partitions += ledger.partitionCount(t);
    }
    int share = partitions / room.length;
    int withOneMore = partitions % room.length;
    Arrays.fill(room, share);
    withOneMore = grantOneMore(share, withOneMore, true);
    grantOneMore(share, withOneMore, false);
    for (int m = 0; m < room.length; m++) {
      room[m] -= ledger.load(m);
    }
    releaseSurplus();
    fill();
  }

  private int grantOneMore(int share, int left, boolean toThoseThatHaveMore) {
    for (int m = 0; m < room.length && left > 0; m++) {
      if (room[m] == share && (ledger.load(m) > share || !toThoseThatHaveMore)) {
        room[m]++;
        left--;
      }
    }
    return left;
  }

  private void releaseSurplus() {
    for (int t = ledger.topicCount() - 1; t >= 0; t--) {
      for (int p = ledger.partitionCount(t) - 1; p >= 0; p--) {
        int owner = ledger.owner(t, p);
        if (owner != PartitionLedger.NOBODY && room[owner] < 0) {
          ledger.release(t, p);
          room[owner]++;
        }
      }
    }
  }

  /** Goes round among members with room, so that the partitions of a topic are spread as well. */
  private void fill() {
    int next = 0;
    for (int t = 0; t < ledger.topicCount(); t++) {
      for (int p = 0; p < ledger.partitionCount(t); p++) {
        if (ledger.owner(t, p) == PartitionLedger.NOBODY) {
          next = nextWithRoom(next);
          ledger.give(t, p, next);
          room[next]--;
          next = (next + 1) % room.length;
        }
      }
    }
  }

  private int nextWithRoom(int from) {
    int m = from;
    while (room[m] <= 0) {
      m = (m + 1) % room.length;
    }
    return m;
  }
}
