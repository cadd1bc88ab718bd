package io.milena.log.compaction;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.EndTxnMarker;
import io.milena.log.batch.TestBatches;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.ProducerState;
import io.milena.log.producer.ProducerStates;
import io.milena.testing.KeyTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A log of keyed batches in memory, its folds, and a compaction of it without files. */
final class KeyedLog {
  static final long NOW_MS = TestBatches.NOW_MS;
  static final int KEYS = 5;
  static final int PRODUCERS = 3;

  /** A record as a reader sees it. */
  record Seen(long offset, long timestampMs, String key, String value, String headers) {}

  final List<ByteBuffer> batches;
  private final int[] sequences = new int[PRODUCERS];
  private final boolean[] inTxn = new boolean[PRODUCERS];
  private long end;

  KeyedLog() {
    this.batches = new ArrayList<>();
  }

  private KeyedLog(List<ByteBuffer> batches, long end) {
    this.batches = batches;
    this.end = end;
  }

  long end() {
    return end;
  }

  /**
   * Adds what a number stands for: a plain, idempotent or transactional batch of any codec, with
   * some tombstones, or the end of a transaction.
   */
  void add(int event) {
    int random = event * 0x9E3779B1 >>> 3;
    int producer = random % (PRODUCERS + 1) - 1;
    random /= PRODUCERS + 1;
    int kind = random % 6;
    random /= 6;
    if (producer >= 0 && kind == 0 && inTxn[producer]) {
      marker(producer, random % 2 == 0);
      return;
    }
    boolean transactional = producer >= 0 && (inTxn[producer] || kind < 3);
    int count = 1 + random % 4;
    random /= 4;
    CompressionType codec =
        random % 2 == 0 ? CompressionType.NONE : CompressionType.forId(random / 2 % 5);
    random /= 10;
    boolean appendTime = random % 7 == 0;
    data(producer, transactional, count, codec, appendTime, random);
  }

  private void data(
      int producer,
      boolean transactional,
      int count,
      CompressionType codec,
      boolean appendTime,
      int random) {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(4096),
            RecordBatch.MAGIC_VALUE_V2,
            Compression.of(codec).build(),
            appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
            end,
            appendTime ? NOW_MS + end : RecordBatch.NO_TIMESTAMP,
            producer < 0 ? RecordBatch.NO_PRODUCER_ID : 100 + producer,
            producer < 0 ? RecordBatch.NO_PRODUCER_EPOCH : 0,
            producer < 0 ? RecordBatch.NO_SEQUENCE : sequences[producer],
            transactional,
            false,
            4);
    for (int i = 0; i < count; i++) {
      int key = (random + 7 * i * i) % KEYS;
      boolean tombstone = (random + i) % 4 == 0;
      Header[] headers =
          i % 2 == 0
              ? new Header[0]
              : new Header[] {new RecordHeader("h", TestBatches.bytes("x" + i))};
      builder.append(
          new SimpleRecord(
              NOW_MS + (end * 37 + i * 11) % 500,
              TestBatches.bytes("key-" + key),
              tombstone ? null : TestBatches.bytes("value-" + end + "-" + i),
              headers));
    }
    if (producer >= 0) {
      sequences[producer] += count;
      inTxn[producer] |= transactional;
    }
    take(builder.build().buffer());
  }

  private void marker(int producer, boolean commit) {
    inTxn[producer] = false;
    ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
    take(
        MemoryRecords.withEndTransactionMarker(
                end, NOW_MS + end, 4, 100 + producer, (short) 0, new EndTransactionMarker(type, 1))
            .buffer());
  }

  private void take(ByteBuffer batch) {
    ByteBuffer copy = TestBatches.direct(batch);
    batches.add(copy);
    end = BatchHeader.read(copy, 0).nextOffset();
  }

  /** Aborts what is still open. */
  void endTransactions() {
    for (int producer = 0; producer < PRODUCERS; producer++) {
      if (inTxn[producer]) {
        marker(producer, producer % 2 == 0);
      }
    }
  }

  // ---- folds --------------------------------------------------------------------------------

  private record Fold(ProducerStates producers, List<AbortedTxn> aborted) {}

  private Fold fold() {
    ProducerStates producers = new ProducerStates();
    List<AbortedTxn> aborted = new ArrayList<>();
    for (ByteBuffer batch : batches) {
      ProducerStates.CompletedTxn completed = producers.apply(BatchHeader.read(batch, 0), batch);
      if (completed != null && completed.aborted()) {
        aborted.add(completed.toAbortedTxn());
      }
    }
    return new Fold(producers, aborted);
  }

  ProducerStates producers() {
    return fold().producers();
  }

  List<AbortedTxn> aborted() {
    return fold().aborted();
  }

  /** Last stable offset when all of it is replicated. */
  long stableOffset() {
    ProducerStates producers = producers();
    producers.onHighWatermark(end);
    return producers.lastStableOffset(end);
  }

  /** All records, markers left out. */
  List<Seen> records() {
    List<Seen> seen = new ArrayList<>();
    for (ByteBuffer batch : batches) {
      for (RecordBatch each : MemoryRecords.readableRecords(batch.duplicate()).batches()) {
        each.ensureValid();
        if (!each.isControlBatch()) {
          each.forEach(record -> seen.add(seen(record)));
        }
      }
    }
    return seen;
  }

  /** What a read_committed consumer makes of the log when it is told {@code abortedTxns}. */
  List<Seen> committed(List<AbortedTxn> abortedTxns) {
    List<AbortedTxn> waiting = new ArrayList<>(abortedTxns);
    List<Long> abortedProducers = new ArrayList<>();
    List<Seen> seen = new ArrayList<>();
    for (ByteBuffer batch : batches) {
      BatchHeader header = BatchHeader.read(batch, 0);
      waiting.removeIf(
          txn -> {
            boolean begins = txn.firstOffset() <= header.lastOffset();
            if (begins) {
              abortedProducers.add(txn.producerId());
            }
            return begins;
          });
      if (header.isControl()) {
        EndTxnMarker marker = EndTxnMarker.read(batch, header);
        if (marker != null && !marker.committed()) {
          abortedProducers.remove(header.producerId());
        }
      } else if (!header.isTransactional() || !abortedProducers.contains(header.producerId())) {
        MemoryRecords.readableRecords(batch.duplicate())
            .records()
            .forEach(record -> seen.add(seen(record)));
      }
    }
    return seen;
  }

  private static Seen seen(Record record) {
    StringBuilder headers = new StringBuilder();
    for (Header header : record.headers()) {
      headers.append(header.key()).append('=').append(new String(header.value())).append(';');
    }
    return new Seen(
        record.offset(),
        record.timestamp(),
        text(record.key()),
        record.hasValue() ? text(record.value()) : null,
        headers.toString());
  }

  private static String text(ByteBuffer bytes) {
    return bytes == null ? null : java.nio.charset.StandardCharsets.UTF_8.decode(bytes).toString();
  }

  /** The last word on each key; a tombstone is as good as nothing. */
  static Map<String, String> table(List<Seen> records) {
    return KeyTable.of(records, Seen::key, Seen::value);
  }

  // ---- compaction ---------------------------------------------------------------------------

  /** A compacted log and what goes with it. */
  record Compacted(KeyedLog log, long cleanedTo, List<AbortedTxn> aborted) {}

  /**
   * Compacts what is below {@code uncleanable} as one segment.
   *
   * @param mapEntries how many keys fit into the map
   * @param known aborted transactions as the transaction indexes have them
   */
  Compacted compact(
      long firstDirty,
      long uncleanable,
      int mapEntries,
      long nowMs,
      ProducerStates live,
      List<AbortedTxn> known) {
    CompactionMap map = new CompactionMap((mapEntries + 1L) * CompactionMap.SLOT_BYTES, 1.0);
    KeyIndexer indexer = new KeyIndexer(map, new TxnCleaning(known), firstDirty);
    List<ByteBuffer> cleanable = new ArrayList<>();
    boolean room = true;
    for (ByteBuffer batch : batches) {
      BatchHeader header = BatchHeader.read(batch, 0);
      if (header.nextOffset() <= uncleanable) {
        cleanable.add(batch);
        if (room && header.lastOffset() >= firstDirty) {
          room = indexer.add(batch, header);
        }
      }
    }
    TxnCleaning txns = new TxnCleaning(known);
    BatchCleaner cleaner =
        new BatchCleaner(
            new BatchCleaner.Round(map, txns, lastOf(live), TopicConfig.defaults(), nowMs));
    List<ByteBuffer> result = new ArrayList<>();
    for (int i = 0; i < cleanable.size(); i++) {
      ByteBuffer batch = cleanable.get(i);
      BatchHeader header = BatchHeader.read(batch, 0);
      switch (cleaner.clean(batch, header, i == cleanable.size() - 1, true)) {
        case KEPT -> result.add(batch);
        case REWRITTEN -> result.add(TestBatches.direct(cleaner.rewritten()));
        case DROPPED -> {}
      }
    }
    result.addAll(batches.subList(cleanable.size(), batches.size()));
    List<AbortedTxn> aborted = new ArrayList<>(txns.takeSeen());
    known.stream().filter(txn -> txn.lastOffset() >= uncleanable).forEach(aborted::add);
    long cleanedTo = Math.max(firstDirty, map.latestOffset() + 1);
    return new Compacted(new KeyedLog(result, end), cleanedTo, aborted);
  }

  private static Map<Long, BatchCleaner.LastOfProducer> lastOf(ProducerStates live) {
    Map<Long, BatchCleaner.LastOfProducer> last = new HashMap<>();
    for (ProducerState state : live.active()) {
      long dataOffset = state.batches().last() == null ? -1 : state.batches().last().lastOffset();
      last.put(state.producerId(), new BatchCleaner.LastOfProducer(dataOffset, state.epoch()));
    }
    return last;
  }
}
