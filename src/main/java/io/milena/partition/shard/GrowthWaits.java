package io.milena.partition.shard;

import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.replication.Deadlines.Due;
import io.milena.replication.FetchWaiters;
import io.milena.replication.FetchWaiters.Wait;
import io.vertx.core.Promise;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The long polls of a shard: answered when enough grew, when a partition has something else to tell
 * (leadership, deletion, a new log start), at the deadline, or when cancelled.
 */
final class GrowthWaits {
  /** Each is held by a connection, which holds at most one for each of its requests in flight. */
  private static final int MAX_WAITS = 100_000;

  private record Position(PartitionRead part, Isolation isolation) {}

  private static final class Waiting {
    private final Promise<Object> answer;
    private final Object key;
    private Due due;

    private Waiting(Promise<Object> answer, Object key) {
      this.answer = answer;
      this.key = key;
    }
  }

  private final Hosted hosted;
  private final Alarms alarms;
  private final FetchWaiters<Partition, Position, Waiting> waiters = new FetchWaiters<>(MAX_WAITS);
  private final Map<Object, Wait<Partition, Position, Waiting>> byKey = new IdentityHashMap<>();

  GrowthWaits(Hosted hosted, Alarms alarms) {
    this.hosted = hosted;
    this.alarms = alarms;
  }

  void await(AwaitGrowth request, Promise<Object> answer) {
    Wait<Partition, Position, Waiting> wait =
        waiters.wait(
            new Waiting(answer, request.key()), request.minBytes(), request.parts().size());
    for (PartitionRead part : request.parts()) {
      Partition partition = hosted.find(part.topic(), part.partition());
      if (partition == null || PartitionReads.refusal(partition, part) != null) {
        answer(answer, true);
        return;
      }
      Position position = new Position(part, request.isolation());
      waiters.position(wait, partition, position, readableBytes(partition, position));
    }
    if (wait.satisfied() || waiters.isFull()) {
      answer(answer, wait.satisfied());
      return;
    }
    waiters.register(wait);
    if (request.key() != null) {
      byKey.put(request.key(), wait);
    }
    wait.token().due = alarms.at(request.deadlineNs(), () -> end(wait, false));
  }

  private static long readableBytes(Partition partition, Position position) {
    PartitionRead part = position.part();
    long end = partition.visibleEnd(position.isolation());
    return end <= part.fetchOffset()
        ? 0
        : Math.min(part.maxBytes(), partition.log().bytesBetween(part.fetchOffset(), end));
  }

  void cancel(CancelAwait request) {
    Wait<Partition, Position, Waiting> wait = byKey.get(request.key());
    if (wait != null) {
      end(wait, false);
    }
  }

  private void end(Wait<Partition, Position, Waiting> wait, boolean satisfied) {
    if (waiters.remove(wait)) {
      over(wait, satisfied);
    }
  }

  private void over(Wait<Partition, Position, Waiting> wait, boolean satisfied) {
    Waiting waiting = wait.token();
    alarms.cancel(waiting.due);
    if (waiting.key != null) {
      byKey.remove(waiting.key);
    }
    answer(waiting.answer, satisfied);
  }

  private static void answer(Promise<Object> answer, boolean satisfied) {
    answer.tryComplete(new AwaitGrowthReply(satisfied));
  }

  /** More of the partition became readable. */
  void grown(Partition partition) {
    if (waiters.size() > 0) {
      waiters.grown(
          partition, position -> readableBytes(partition, position), wait -> over(wait, true));
    }
  }

  /** The partition has something to tell that only a new read can say. */
  void wake(Partition partition) {
    waiters.wake(partition, wait -> over(wait, true));
  }

  /** Everybody is sent home: the shard stops. */
  void stop() {
    waiters.drain(wait -> over(wait, false));
  }
}
