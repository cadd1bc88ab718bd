package io.milena.coordinator;

import io.milena.coordinator.model.EncodedRecord;
import io.milena.coordinator.model.LogEntry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/** One partition's log in memory, whose appends end when and as a test says. */
final class ScriptedLog implements InternalLog {
  final List<LogEntry> entries = new ArrayList<>();
  final List<Pending> pending = new ArrayList<>();
  final Map<String, Integer> unreadable = new HashMap<>();
  Errors loadError = Errors.NONE;
  int leaderEpoch = 1;
  int reads;
  int chunk = 3;

  /** Reads are answered when it is done. */
  Future<Void> gate = Future.succeededFuture();

  /** What the next look at the log's ends, or the next read, throws; null nothing. */
  Throwable spanThrows;

  Throwable readThrows;

  /** What the next append throws instead of beginning; null nothing. */
  Throwable appendThrows;

  record Pending(int leaderEpoch, List<EncodedRecord> records, Promise<Appended> end) {}

  @Override
  public Future<Appended> append(int partition, int epoch, List<EncodedRecord> records) {
    if (appendThrows != null) {
      Throwable thrown = appendThrows;
      appendThrows = null;
      raise(thrown);
    }
    Promise<Appended> end = Promise.promise();
    pending.add(new Pending(epoch, records, end));
    return end.future();
  }

  private static void raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  /** The oldest append under way gets into the log, whoever hears of it. */
  Pending write() {
    Pending first = pending.get(0);
    for (EncodedRecord record : first.records()) {
      entries.add(LogEntry.plain(entries.size(), record.record()));
    }
    return first;
  }

  /** The oldest append under way is committed. */
  void commit() {
    long base = entries.size();
    write();
    pending.remove(0).end().complete(new Appended(Errors.NONE, base));
  }

  /** The oldest append under way ends with an error. */
  void refuse(Errors error) {
    pending.remove(0).end().complete(new Appended(error, -1));
  }

  @Override
  public Future<Span> span(int partition, int epoch) {
    if (spanThrows != null) {
      Throwable thrown = spanThrows;
      spanThrows = null;
      raise(thrown);
    }
    return Future.succeededFuture(
        loadError == Errors.NONE
            ? new Span(Errors.NONE, 0, entries.size())
            : new Span(loadError, -1, -1));
  }

  @Override
  public Future<Chunk> read(int partition, int epoch, long offset) {
    reads++;
    if (readThrows != null) {
      Throwable thrown = readThrows;
      readThrows = null;
      raise(thrown);
    }
    int to = (int) Math.min(entries.size(), offset + chunk);
    Chunk read =
        new Chunk(
            Errors.NONE,
            List.copyOf(entries.subList((int) offset, to)),
            to,
            offset == 0 ? Map.copyOf(unreadable) : Map.of());
    return gate.map(read);
  }

  @Override
  public int maxBatchBytes() {
    return 1 << 20;
  }
}
