package io.milena.coordinator;

import io.milena.coordinator.model.EncodedRecord;
import io.milena.coordinator.model.LogEntry;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/**
 * The partitions of one internal topic as a coordinator sees them: each under the leader epoch in
 * which it serves (R45). Refusals are values; a failed future means that nobody knows what
 * happened. Asked on the runtime's context, where the answers arrive.
 */
public interface InternalLog {
  /**
   * Appends the records as one batch, acks=all. Completes when it is committed or certainly is not.
   */
  Future<Appended> append(int partition, int leaderEpoch, List<EncodedRecord> records);

  /** Where the log starts and ends, what is not committed yet included. */
  Future<Span> span(int partition, int leaderEpoch);

  /**
   * Reads whole batches from {@code offset} on, as many as fit into one chunk and at least one, up
   * to the high watermark. While there are none it waits a little; then the chunk is empty.
   */
  Future<Chunk> read(int partition, int leaderEpoch, long offset);

  /** Bytes of a batch's records at most, by the topic's {@code max.message.bytes}. */
  int maxBatchBytes();

  /**
   * @param error NONE when the batch is committed
   * @param baseOffset of its first record; -1 with an error
   */
  record Appended(Errors error, long baseOffset) {}

  /**
   * @param startOffset of the first record
   * @param endOffset after the last one; both -1 with an error
   */
  record Span(Errors error, long startOffset, long endOffset) {}

  /**
   * @param entries in the order of the log; empty with an error
   * @param nextOffset where to read on
   * @param unreadable how many records were passed over, by kind
   */
  record Chunk(
      Errors error, List<LogEntry> entries, long nextOffset, Map<String, Integer> unreadable) {
    static Chunk refused(Errors error) {
      return new Chunk(error, List.of(), -1, Map.of());
    }
  }
}
