package io.milena.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.replication.FetchWaiters.Wait;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private final List<String> heard = new ArrayList<>();

  private final FetchWaiters<String, Long, String> fetches = new FetchWaiters<>(2);

  private Wait<String, Long, String> wait(String token, long minBytes, String... partitions) {
    Wait<String, Long, String> wait = fetches.wait(token, minBytes, partitions.length);
    for (String partition : partitions) {
      fetches.position(wait, partition, 0L, 0);
    }
    fetches.register(wait);
    return wait;
  }

  private void grown(String partition, long end) {
    fetches.grown(partition, from -> end - from, done -> heard.add(done.token()));
  }

  @Test
  void shouldAnswerOnlyWhenPartitionsTogetherHaveEnough() {
    wait("poll", 100, "a", "b");
    grown("a", 60);
    grown("b", 30);
    assertThat(heard).isEmpty();

    grown("b", 40);

    assertThat(heard).containsExactly("poll");
    assertThat(fetches.size()).isZero();
  }

  @Test
  void shouldNotCountTheSameBytesTwice() {
    wait("poll", 100, "a");
    grown("a", 60);

    grown("a", 60);

    assertThat(heard).isEmpty();
  }

  @Test
  void shouldWakeOnlyThoseWhoWaitForThatPartition() {
    wait("first", 1, "a");
    wait("second", 1, "b");

    fetches.wake("a", woken -> heard.add(woken.token()));

    assertThat(heard).containsExactly("first");
    assertThat(fetches.size()).isEqualTo(1);
  }

  @Test
  void shouldSaySoWhenThereIsNoRoomForMoreWaits() {
    wait("first", 1, "a");

    wait("second", 1, "b");

    assertThat(fetches.isFull()).isTrue();
  }

  @Test
  void shouldForgetARemovedWait() {
    Wait<String, Long, String> wait = wait("poll", 1, "a", "b");

    boolean removed = fetches.remove(wait);

    grown("a", 10);
    assertThat(removed).isTrue();
    assertThat(fetches.remove(wait)).isFalse();
    assertThat(heard).isEmpty();
  }

  @Test
  void shouldHandOutDeadlinesInTheirOrder() {
    Deadlines<String> deadlines = new Deadlines<>();
    deadlines.schedule(30, "late");
    deadlines.schedule(10, "early");
    Deadlines.Due cancelled = deadlines.schedule(15, "cancelled");
    deadlines.schedule(10, "early too");
    deadlines.cancel(cancelled);

    deadlines.expire(20, heard::add);

    assertThat(heard).containsExactly("early", "early too");
    assertThat(deadlines.nextNs()).isEqualTo(30);
  }

  @Test
  void shouldOrderDeadlinesAcrossTheOverflowOfMonotonicTime() {
    Deadlines<String> deadlines = new Deadlines<>();
    deadlines.schedule(Long.MIN_VALUE + 5, "after the overflow");
    deadlines.schedule(Long.MAX_VALUE - 5, "before it");

    deadlines.expire(Long.MAX_VALUE, heard::add);

    assertThat(heard).containsExactly("before it");
  }

  @Test
  void shouldReleaseARepeatedBatchBeforeYoungerOnes() {
    AckWaiters<String> acks = new AckWaiters<>(10);
    acks.add(10, "original");
    acks.add(20, "younger");
    acks.add(10, "repeat");

    acks.release(10, heard::add);

    assertThat(heard).containsExactly("original", "repeat");
    assertThat(acks.size()).isEqualTo(1);
  }

  @Test
  void shouldForgetARemovedToken() {
    AckWaiters<String> acks = new AckWaiters<>(10);
    acks.add(10, "gone");
    acks.add(20, "left");

    acks.remove("gone");

    acks.drain(heard::add);
    assertThat(heard).containsExactly("left");
  }
}
