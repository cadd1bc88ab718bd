package io.milena.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.TestBatches;
import io.milena.log.producer.ProducerStates.Accept;
import io.milena.log.producer.ProducerStates.Check;
import io.milena.log.producer.ProducerStates.CompletedTxn;
import io.milena.log.producer.ProducerStates.Duplicate;
import io.milena.log.producer.ProducerStates.Reject;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class ProducerStatesTest {
  private static final ByteBuffer NOT_READ = ByteBuffer.allocate(0);
  private static final int MAX = Integer.MAX_VALUE;
  private final ProducerStates states = new ProducerStates();

  /** Header of a batch of producer {@code producerId}. */
  private static BatchHeader data(
      long producerId, int epoch, int sequence, int count, long baseOffset, boolean transactional) {
    return new BatchHeader(
        0,
        100,
        baseOffset,
        0,
        (byte) 2,
        (short) (transactional ? 0x10 : 0),
        count - 1,
        TestBatches.NOW_MS,
        TestBatches.NOW_MS + baseOffset,
        producerId,
        (short) epoch,
        sequence,
        count);
  }

  private static BatchHeader data(int epoch, int sequence, int count, long baseOffset) {
    return data(7, epoch, sequence, count, baseOffset, false);
  }

  private void append(int epoch, int sequence, int count) {
    states.apply(data(epoch, sequence, count, states.endOffset()), NOT_READ);
  }

  private void begin(long producerId, int sequence) {
    states.apply(data(producerId, 0, sequence, 1, states.endOffset(), true), NOT_READ);
  }

  private CompletedTxn end(long producerId, boolean commit, int coordinatorEpoch) {
    ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
    ByteBuffer marker =
        TestBatches.direct(
            MemoryRecords.withEndTransactionMarker(
                    states.endOffset(),
                    TestBatches.NOW_MS,
                    0,
                    producerId,
                    (short) 0,
                    new EndTransactionMarker(type, coordinatorEpoch))
                .buffer());
    return states.apply(BatchHeader.read(marker, 0), marker);
  }

  private Check check(int epoch, int sequence, int count) {
    return states.check(data(epoch, sequence, count, 0), states.endOffset() > 0);
  }

  private static void assertRejected(Check check, Errors error) {
    assertThat(check).isInstanceOf(Reject.class);
    assertThat(((Reject) check).error()).isEqualTo(error);
  }

  @Test
  void shouldAcceptAnythingWithoutProducerId() {
    assertThat(states.check(data(-1, -1, -1, 3, 0, false), true)).isInstanceOf(Accept.class);
  }

  @Test
  void shouldWantSequenceZeroOnALogThatNeverHeldARecord() { // R35
    assertThat(check(0, 0, 1)).isInstanceOf(Accept.class);
    assertRejected(check(0, 1, 1), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void shouldTakeAnySequenceOfAStrangerOnALogThatHeldRecords() { // R35
    states.apply(data(8, 0, 0, 1, 0, false), NOT_READ);

    assertThat(check(0, 17, 1)).isInstanceOf(Accept.class);
  }

  @Test
  void shouldTakeTheNextSequenceOnly() { // R34
    append(0, 0, 3);

    assertThat(check(0, 3, 5)).isInstanceOf(Accept.class);
    assertRejected(check(0, 4, 5), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertRejected(check(0, 2, 1), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertRejected(check(0, 0, 2), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void shouldRecogniseTheLastFiveBatchesAndNoOlderOne() { // R34
    for (int i = 0; i < 6; i++) {
      append(0, 2 * i, 2);
    }

    for (int i = 1; i < 6; i++) {
      Check check = check(0, 2 * i, 2);
      assertThat(check).isEqualTo(new Duplicate(2L * i, 2L * i + 1, TestBatches.NOW_MS + 2L * i));
    }
    assertRejected(check(0, 0, 2), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void shouldWrapSequences() { // R34
    states.apply(data(0, MAX - 2, 2, 10, false), NOT_READ);

    assertThat(check(0, MAX, 3)).isInstanceOf(Accept.class);
    states.apply(data(0, MAX, 3, 12, false), NOT_READ);
    assertThat(states.get(7).lastSequence()).isEqualTo(1);
    assertThat(check(0, MAX, 3)).isInstanceOf(Duplicate.class);
    assertThat(check(0, 2, 1)).isInstanceOf(Accept.class);
    states.apply(data(0, 2, 1, 15, false), NOT_READ);
    assertRejected(check(0, 2, 2), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  private static BatchHeader data(
      int epoch, int sequence, int count, long baseOffset, boolean transactional) {
    return data(7, epoch, sequence, count, baseOffset, transactional);
  }

  @Test
  void shouldGoFromTheLargestSequenceToZero() {
    states.apply(data(0, MAX, 1, 10), NOT_READ);

    assertThat(check(0, 0, 1)).isInstanceOf(Accept.class);
    assertRejected(check(0, 1, 1), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void shouldFenceLowerEpochsAndStartNewOnesAtZero() { // R34
    append(3, 0, 3);

    assertRejected(check(2, 3, 1), Errors.INVALID_PRODUCER_EPOCH);
    assertRejected(check(4, 3, 1), Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertThat(check(4, 0, 1)).isInstanceOf(Accept.class);
    append(4, 0, 1);
    assertRejected(check(3, 0, 3), Errors.INVALID_PRODUCER_EPOCH);
  }

  @Test
  void shouldJudgeNothingWhenApplying() { // R34
    append(3, 0, 3);

    states.apply(data(2, 55, 1, 3), NOT_READ);

    assertThat(states.get(7).epoch()).isEqualTo((short) 2);
    assertThat(states.get(7).batches().size()).isEqualTo(1);
  }

  @Test
  void shouldHoldBackReadersUntilTheMarkerIsReplicated() { // R42
    append(0, 0, 3);
    begin(8, 0);
    begin(9, 0);

    assertThat(states.lastStableOffset(5)).isEqualTo(3);
    CompletedTxn first = end(8, true, 1);
    assertThat(states.lastStableOffset(5)).isEqualTo(3);
    states.onHighWatermark(6);
    assertThat(states.lastStableOffset(6)).isEqualTo(4);
    CompletedTxn second = end(9, false, 1);
    states.onHighWatermark(7);

    assertThat(first).isEqualTo(new CompletedTxn(8, 3, 5, false, 4));
    assertThat(second).isEqualTo(new CompletedTxn(9, 4, 6, true, 7));
    assertThat(second.toAbortedTxn()).isEqualTo(new AbortedTxn(9, 4, 6, 7));
    assertThat(states.firstUnstableOffset()).isEqualTo(-1);
    assertThat(states.lastStableOffset(7)).isEqualTo(7);
  }

  @Test
  void shouldRememberTheCoordinatorOfAMarkerWithoutTransaction() {
    CompletedTxn none = end(8, false, 5);

    assertThat(none).isNull();
    assertThat(states.get(8).coordinatorEpoch()).isEqualTo(5);
    assertThat(states.get(8).lastSequence()).isEqualTo(-1);
    assertThat(states.get(8).lastTimestampMs()).isEqualTo(TestBatches.NOW_MS);
  }

  @Test
  void shouldRefusePlainBatchesWithinATransaction() {
    begin(7, 0);

    assertRejected(check(0, 1, 1), Errors.INVALID_TXN_STATE);
  }

  @Test
  void shouldExpireProducersOfALogThatIsAlwaysBeingWritten() {
    append(0, 0, 1);
    states.confirm(states.endOffset());
    long lastMs = states.get(7).lastTimestampMs();
    begin(8, 0);

    assertThat(states.removeExpired(lastMs + 1_000, 100)).isEqualTo(1);
    assertThat(states.get(8)).isNotNull();
  }

  @Test
  void shouldNeverExpireAProducerWithAnOpenTransaction() { // R35
    append(0, 0, 1);
    begin(8, 0);
    states.confirm(states.endOffset());
    long lastMs = states.get(7).lastTimestampMs();

    assertThat(states.removeExpired(lastMs + 99, 100)).isZero();
    assertThat(states.removeExpired(lastMs + 1_000, 100)).isEqualTo(1);
    assertThat(states.get(7)).isNull();
    assertThat(states.get(8)).isNotNull();
  }

  @Test
  void shouldStartFromASnapshot() { // R36
    append(0, 0, 3);
    append(0, 3, 2);
    begin(8, 0);
    ProducerStates restored = new ProducerStates();

    List<ProducerState> snapshot =
        ProducerSnapshot.decode(ProducerSnapshot.encode(states.active()));
    restored.restore(6, snapshot, TestBatches.NOW_MS, 1_000);

    assertThat(restored.endOffset()).isEqualTo(6);
    assertThat(restored.firstUnstableOffset()).isEqualTo(5);
    assertThat(restored.check(data(0, 3, 2, 0), true)).isInstanceOf(Duplicate.class);
    assertThat(restored.check(data(0, 5, 2, 0), true)).isInstanceOf(Accept.class);
  }

  @Test
  void shouldLeaveExpiredProducersOutOfASnapshot() {
    append(0, 0, 3);

    states.restore(3, List.copyOf(states.active()), TestBatches.NOW_MS + 10_000, 1_000);

    assertThat(states.size()).isZero();
  }
}
