package io.milena.base;

import java.util.concurrent.ThreadLocalRandom;

/** Where randomness comes from: the machine in production, a seed in tests. */
public interface RandomSource {
  /** A uniformly distributed long. */
  long nextLong();

  /** A uniformly distributed number in {@code [0, bound)}; {@code bound} is positive. */
  default int nextInt(int bound) {
    return (int) Math.floorMod(nextLong(), (long) bound);
  }

  /** The machine's randomness; thread-safe. */
  static RandomSource system() {
    return () -> ThreadLocalRandom.current().nextLong();
  }
}
