package io.milena.cleaner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThrottleTest {
  private static final long MS = 1_000_000;

  @Test
  void bytesAboveTheRateAreWaitedFor() {
    Throttle throttle = new Throttle(1_000, 0);

    assertThat(throttle.pauseMs(500, 0)).isEqualTo(500);
    assertThat(throttle.pauseMs(100, 500 * MS)).isBetween(98L, 100L);
  }

  @Test
  void aPauseEarnsNoBurst() {
    Throttle throttle = new Throttle(1_000, 0);

    assertThat(throttle.pauseMs(100, 60_000 * MS)).isBetween(98L, 100L);
  }

  @Test
  void withoutABoundNothingWaits() {
    Throttle throttle = new Throttle(Double.MAX_VALUE, 0);

    assertThat(throttle.pauseMs(Long.MAX_VALUE, 0)).isZero();
  }
}
