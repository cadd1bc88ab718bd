package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets memory when there is little. */
class MemoryBudgetTest {
  private final Deque<Runnable> loop = new ArrayDeque<>();
  private final MemoryBudget budget = new MemoryBudget(100, loop::add);
  private final List<String> woken = new ArrayList<>();

  /** Wants some bytes until it has them. */
  private final class Wanting implements MemoryBudget.Reader {
    private final String name;
    private final int bytes;

    Wanting(String name, int bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    boolean ask() {
      return budget.take(bytes, this);
    }

    @Override
    public void memoryFree() {
      if (ask()) {
        woken.add(name);
      }
    }
  }

  private void runLoop() {
    while (!loop.isEmpty()) {
      loop.remove().run();
    }
  }

  private Wanting request(int bytes) {
    Wanting reader = new Wanting("request", bytes);
    assertThat(reader.ask()).isTrue();
    budget.becameRequest(bytes, reader);
    return reader;
  }

  @Test
  void shouldServeThoseWhoWaitInTheirOrder() {
    request(90);
    assertThat(new Wanting("first", 50).ask()).isFalse();
    assertThat(new Wanting("second", 5).ask()).as("may not overtake").isFalse();
    assertThat(budget.scarce()).isTrue();

    budget.requestDone(90);
    runLoop();

    assertThat(woken).containsExactly("first", "second");
    assertThat(budget.heldBytes()).isEqualTo(55);
    assertThat(budget.scarce()).isFalse();
  }

  @Test
  void shouldAdmitAFrameLargerThanTheBudgetAlone() {
    request(10);
    Wanting huge = new Wanting("huge", 500);
    assertThat(huge.ask()).isFalse();

    budget.requestDone(10);
    runLoop();

    assertThat(woken).containsExactly("huge");
    assertThat(new Wanting("next", 1).ask()).isFalse();
  }

  @Test
  void shouldLetOneUnfinishedFrameGoOnWhenAllWaitForEachOther() {
    Wanting a = new Wanting("a", 50);
    Wanting b = new Wanting("b", 50);
    assertThat(a.ask() && b.ask()).isTrue();

    assertThat(a.ask()).as("goes beyond the budget").isTrue();
    assertThat(b.ask()).as("only one may").isFalse();

    budget.becameRequest(100, a);
    budget.requestDone(100);
    runLoop();
    assertThat(woken).containsExactly("b");
  }

  @Test
  void shouldForgetAReaderThatLeft() {
    request(100);
    Wanting gone = new Wanting("gone", 10);
    assertThat(gone.ask()).isFalse();
    assertThat(new Wanting("stays", 10).ask()).isFalse();

    budget.leave(0, gone);
    budget.requestDone(100);
    runLoop();

    assertThat(woken).containsExactly("stays");
  }
}
