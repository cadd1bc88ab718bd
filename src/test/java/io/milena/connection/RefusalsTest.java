package io.milena.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters.Refusal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private long nowNs;
  private final Refusals refusals =
      new Refusals(
          ConnectionMeters.NONE,
          new Clock() {
            @Override
            public long wallMs() {
              return 0;
            }

            @Override
            public long monotonicNs() {
              return nowNs;
            }
          });

  @Test
  void shouldTellTheFirstOfEachReasonAtOnce() {
    assertThat(refusals.line(Refusal.UNSUPPORTED, () -> "7: Produce version 2"))
        .isEqualTo("Closing connection 7: Produce version 2");
    assertThat(refusals.line(Refusal.FRAME_LENGTH, () -> "8: no length"))
        .isEqualTo("Closing connection 8: no length");
  }

  @Test
  void shouldTellOneAMinuteOfAFloodAndHowManyItKeptQuiet() {
    refusals.line(Refusal.UNSUPPORTED, () -> "1");
    nowNs += TimeUnit.SECONDS.toNanos(59);
    for (int i = 0; i < 829; i++) {
      assertThat(refusals.line(Refusal.UNSUPPORTED, () -> "2")).isNull();
    }
    nowNs += TimeUnit.SECONDS.toNanos(1);

    assertThat(refusals.line(Refusal.UNSUPPORTED, () -> "3"))
        .isEqualTo("Closing connection 3 (and 829 more like it in the last minutes)");
    nowNs += TimeUnit.MINUTES.toNanos(1);
    assertThat(refusals.line(Refusal.UNSUPPORTED, () -> "4")).isEqualTo("Closing connection 4");
  }
}
