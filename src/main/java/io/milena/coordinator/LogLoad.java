package io.milena.coordinator;

import io.milena.coordinator.InternalLog.Chunk;
import io.milena.coordinator.InternalLog.Span;
import io.milena.coordinator.model.CoordinatorMachine;
import io.milena.coordinator.model.LogEntry;
import io.milena.coordinator.model.OpenTransactions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One load of one partition's log into a fresh machine: everything from the log's start to its end
 * as it was when the load began. Reads and decodes off the event loop, one chunk ahead; applies in
 * short turns, so that other coordinators of the loop go on. Owned by the runtime's context.
 */
final class LogLoad {
  private static final Logger LOG = LoggerFactory.getLogger(LogLoad.class);

  /** Records applied before others have their turn. */
  private static final int TURN = 2_000;

  /** Looks for a high watermark that does not come, before a line is logged. */
  private static final int PATIENCE = 10;

  private final Ground ground;
  private final Target target;
  private final CoordinatorMachine<?> machine;
  private final OpenTransactions transactions = new OpenTransactions();
  private final Map<String, Integer> unreadable = new HashMap<>();
  private final Promise<Loaded> done = Promise.promise();
  private long endOffset;
  private int records;
  private int emptyReads;

  /**
   * What a load works with.
   *
   * @param wanted false when the coordinator is to go: the load ends
   * @param nowMs the machine's clock
   */
  record Ground(InternalLog log, Context context, BooleanSupplier wanted, LongSupplier nowMs) {}

  /**
   * @param name for log lines
   */
  record Target(String name, int partition, int leaderEpoch) {}

  /**
   * @param error NONE when the machine holds everything
   */
  record Loaded(Errors error, int records, OpenTransactions transactions) {}

  LogLoad(Ground ground, Target target, CoordinatorMachine<?> machine) {
    this.ground = ground;
    this.target = target;
    this.machine = machine;
  }

  /** Starts; completes with the outcome, fails when reading failed in an unforeseen way. */
  Future<Loaded> run() {
    guarded(
        () ->
            ground
                .log()
                .span(target.partition(), target.leaderEpoch())
                .onFailure(done::tryFail)
                .onSuccess(span -> guarded(() -> spans(span))));
    return done.future();
  }

  /** What is thrown ends the load: whoever waits for it must hear of the end. */
  private void guarded(Runnable turn) {
    try {
      turn.run();
    } catch (RuntimeException | Error e) {
      done.tryFail(e);
    }
  }

  private void spans(Span span) {
    endOffset = span.endOffset();
    if (span.error() != Errors.NONE) {
      finish(span.error());
    } else if (span.startOffset() >= endOffset) {
      finish(Errors.NONE);
    } else {
      step(read(span.startOffset()), span.startOffset());
    }
  }

  private Future<Chunk> read(long offset) {
    return ground.log().read(target.partition(), target.leaderEpoch(), offset);
  }

  private void step(Future<Chunk> reading, long offset) {
    reading.onFailure(done::tryFail).onSuccess(chunk -> guarded(() -> read(chunk, offset)));
  }

  private void read(Chunk chunk, long offset) {
    if (!ground.wanted().getAsBoolean()) {
      finish(Errors.NOT_COORDINATOR);
    } else if (chunk.error() != Errors.NONE) {
      finish(chunk.error());
    } else {
      took(chunk, offset);
    }
  }

  private void took(Chunk chunk, long offset) {
    chunk.unreadable().forEach((kind, count) -> unreadable.merge(kind, count, Integer::sum));
    long next = chunk.nextOffset();
    emptyReads = next == offset ? emptyReads + 1 : 0;
    if (emptyReads == PATIENCE) {
      LOG.warn(
          "{} waits for its log to be committed up to {}, it is at {}",
          target.name(),
          endOffset,
          offset);
    }
    Future<Chunk> ahead = next < endOffset ? read(next) : null;
    apply(
        chunk.entries(),
        0,
        () -> {
          if (ahead == null) {
            finish(Errors.NONE);
          } else {
            step(ahead, next);
          }
        });
  }

  private void apply(List<LogEntry> entries, int from, Runnable then) {
    if (!ground.wanted().getAsBoolean()) {
      finish(Errors.NOT_COORDINATOR); // the machine was let go meanwhile: it hears no more
      return;
    }
    int to = Math.min(entries.size(), from + TURN);
    long nowMs = ground.nowMs().getAsLong();
    for (LogEntry entry : entries.subList(from, to)) {
      for (LogEntry due : transactions.next(entry)) {
        apply(due, nowMs);
      }
    }
    if (to == entries.size()) {
      then.run();
    } else {
      ground.context().runOnContext(v -> guarded(() -> apply(entries, to, then)));
    }
  }

  /** A record that makes no sense costs itself, not the partition. */
  private void apply(LogEntry entry, long nowMs) {
    try {
      machine.apply(entry.record(), entry.offset(), nowMs);
      records++;
    } catch (RuntimeException nonsense) {
      String kind = "a " + entry.record().key().getClass().getSimpleName() + " that makes no sense";
      if (unreadable.merge(kind, 1, Integer::sum) == 1) {
        LOG.warn("{}: offset {}: {}", target.name(), entry.offset(), entry.record(), nonsense);
      }
    }
  }

  private void finish(Errors error) {
    unreadable.forEach(
        (kind, count) -> LOG.warn("{} passed over {} record(s): {}", target.name(), count, kind));
    done.tryComplete(new Loaded(error, records, transactions));
  }
}
