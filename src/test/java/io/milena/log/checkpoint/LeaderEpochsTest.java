package io.milena.log.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.TestBatches;
import io.milena.log.checkpoint.LeaderEpochs.Entry;
import io.milena.log.checkpoint.LeaderEpochs.EpochEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaderEpochsTest {
  private static LeaderEpochs threeEpochs() {
    LeaderEpochs epochs = new LeaderEpochs();
    epochs.assign(2, 0);
    epochs.assign(5, 100);
    epochs.assign(7, 200);
    return epochs;
  }

  @Test
  void shouldAnswerTheLargestEpochNotAboveTheRequestedOne() {
    LeaderEpochs epochs = threeEpochs();

    assertThat(epochs.endOffsetFor(7, 250)).isEqualTo(new EpochEnd(7, 250));
    assertThat(epochs.endOffsetFor(6, 250)).isEqualTo(new EpochEnd(5, 200));
    assertThat(epochs.endOffsetFor(5, 250)).isEqualTo(new EpochEnd(5, 200));
    assertThat(epochs.endOffsetFor(4, 250)).isEqualTo(new EpochEnd(2, 100));
    assertThat(epochs.endOffsetFor(1, 250)).isEqualTo(new EpochEnd(1, 0));
    assertThat(epochs.endOffsetFor(8, 250)).isEqualTo(EpochEnd.UNDEFINED);
    assertThat(epochs.endOffsetFor(-1, 250)).isEqualTo(EpochEnd.UNDEFINED);
    assertThat(new LeaderEpochs().endOffsetFor(0, 250)).isEqualTo(EpochEnd.UNDEFINED);
  }

  @Test
  void shouldKnowTheEpochOfEachOffset() {
    LeaderEpochs epochs = threeEpochs();
    epochs.truncateFromStart(50);

    assertThat(epochs.epochFor(49)).isEqualTo(LeaderEpochs.UNDEFINED_EPOCH);
    assertThat(epochs.epochFor(99)).isEqualTo(2);
    assertThat(epochs.epochFor(100)).isEqualTo(5);
    assertThat(epochs.epochFor(10_000)).isEqualTo(7);
    assertThat(epochs.previousEpoch(7)).isEqualTo(5);
    assertThat(epochs.previousEpoch(2)).isEqualTo(LeaderEpochs.UNDEFINED_EPOCH);
  }

  @Test
  void shouldNotMoveAnEpochForward() {
    LeaderEpochs epochs = threeEpochs();

    boolean changed = epochs.assign(7, 230);

    assertThat(changed).isFalse();
    assertThat(epochs.latestStartOffset()).isEqualTo(200);
  }

  @Test
  void shouldDropWhatContradictsANewEpoch() {
    LeaderEpochs epochs = threeEpochs();

    epochs.assign(9, 100);

    assertThat(epochs.entries()).containsExactly(new Entry(2, 0), new Entry(9, 100));
  }

  @Test
  void shouldReplaceAnEpochWithoutRecords() {
    LeaderEpochs epochs = threeEpochs();
    epochs.assign(8, 250);

    epochs.assign(9, 250);

    assertThat(epochs.entries()).hasSize(4).endsWith(new Entry(9, 250));
  }

  @Test
  void shouldCutAtBothEnds() {
    LeaderEpochs epochs = threeEpochs();

    assertThat(epochs.truncateFromStart(100)).isTrue();
    assertThat(epochs.truncateFromStart(100)).isFalse();
    assertThat(epochs.truncateFromEnd(200)).isTrue();

    assertThat(epochs.entries()).containsExactly(new Entry(5, 100));
  }

  @Test
  void shouldKeepAnEpochWithoutRecordsOverARestart() {
    LeaderEpochs epochs = threeEpochs();

    epochs.dropBeyond(200);

    assertThat(epochs.latestEpoch()).isEqualTo(7);
    assertThat(epochs.dropBeyond(199)).isTrue();
    assertThat(epochs.latestEpoch()).isEqualTo(5);
  }

  @Test
  void shouldWriteKafkasFile() {
    byte[] file = threeEpochs().encode();

    assertThat(file).isEqualTo(TestBatches.bytes("0\n3\n2 0\n5 100\n7 200\n"));
    assertThat(LeaderEpochs.decode(file).entries()).isEqualTo(threeEpochs().entries());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1\n0\n",
        "0\n",
        "0\nx\n",
        "0\n1\n",
        "0\n1\n1\n",
        "0\n1\n1 2 3\n",
        "0\n1\n-1 2\n",
        "0\n1\n1 -2\n",
        "0\n2\n2 5\n2 6\n",
        "0\n2\n2 5\n3 4\n",
        "0\n1\n1 2\n2 3\n"
      })
  void shouldRefuseGarbage(String file) {
    assertThatThrownBy(() -> LeaderEpochs.decode(TestBatches.bytes(file)))
        .isInstanceOf(CorruptFileException.class);
  }
}
