package io.milena.coordinator.model;

import io.milena.base.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * What was thrown by some of several things that are to be done whatever becomes of the others.
 * They go into the {@link Decision}, for the coordinator to tell of them. Of one thread; pure.
 */
public final class Bugs {
  private List<Throwable> thrown = List.of();

  /**
   * Does it now and keeps what it throws, an Error too: nothing that comes after it is to be lost.
   * Only a broken invariant goes on to the caller, for it ends the process.
   *
   * @return false when it threw
   */
  public boolean guard(Runnable work) {
    try {
      work.run();
      return true;
    } catch (Invariant.Violation broken) {
      throw broken;
    } catch (RuntimeException | Error bug) {
      add(bug);
      return false;
    }
  }

  /** Takes over those of a decision that becomes a part of another. */
  public void addAll(List<Throwable> others) {
    others.forEach(this::add);
  }

  private void add(Throwable bug) {
    if (thrown.isEmpty()) {
      thrown = new ArrayList<>(1);
    }
    thrown.add(bug);
  }

  /** In the order in which they were thrown. */
  public List<Throwable> thrown() {
    return List.copyOf(thrown);
  }
}
