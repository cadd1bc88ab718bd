package io.milena.storage;

import io.milena.log.producer.AbortedTxn;
import io.milena.log.segment.OffsetIndex;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.ColdRead;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.IndexFiles;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import io.milena.storage.segment.SegmentRef;
import io.milena.storage.segment.SegmentReplaced;
import io.milena.storage.segment.TimestampSearch;
import io.milena.storage.segment.TimestampedOffset;
import io.milena.work.Attempt;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/**
 * The reading side of one log. Readers near the log end are answered from memory; for others a
 * worker walks the batch headers from the nearest index entry and touches the range. Owned by the
 * log's event loop; workers get immutable copies.
 */
final class LogReader {
  private static final int SEARCHES_MAX = 3;
  private final LogParts parts;
  private final LogState state;

  LogReader(LogParts parts, LogState state) {
    this.parts = parts;
    this.state = state;
  }

  /** See {@link PartitionLog#read}. */
  Future<FileSlice> read(
      long startOffset, long endOffsetExclusive, int maxBytes, boolean minOneBatch) {
    if (state.closed != null) {
      return Future.failedFuture(state.closed);
    }
    if (startOffset < state.logStart || startOffset > state.logEnd) {
      return Future.failedFuture(
          new OffsetOutOfRangeException(
              "offset "
                  + startOffset
                  + " of "
                  + state.tp
                  + " is outside "
                  + state.logStart
                  + " to "
                  + state.logEnd));
    }
    long end = Math.min(endOffsetExclusive, state.logEnd);
    if (startOffset >= end) {
      return Future.succeededFuture();
    }
    if (state.recent.covers(startOffset)) {
      return readRecent(startOffset, end, maxBytes, minOneBatch);
    }
    return readClosed(startOffset, end, maxBytes, minOneBatch, SEARCHES_MAX);
  }

  /** A segment may be replaced by a compacted one while it is looked at: then look there. */
  private Future<FileSlice> readClosed(
      long startOffset, long end, int maxBytes, boolean minOneBatch, int triesLeft) {
    return readCold(state.segmentOf(startOffset), startOffset, end, maxBytes, minOneBatch)
        .recover(
            e ->
                e instanceof SegmentReplaced && triesLeft > 1
                    ? readClosed(startOffset, end, maxBytes, minOneBatch, triesLeft - 1)
                    : Future.failedFuture(e));
  }

  /**
   * Runs blocking work on files that are found by their names. It never runs while a swap gives
   * these names to a compacted segment, nor afterwards: then it fails with {@link SegmentReplaced}.
   */
  <T> Future<T> byName(List<Segment> segments, Callable<T> blocking) {
    for (Segment segment : segments) {
      if (segment.moving || segment.replaced) {
        return state.swap.transform(over -> Future.failedFuture(new SegmentReplaced(segment)));
      }
    }
    segments.forEach(Segment::useByName);
    return parts.work(blocking).onComplete(done -> segments.forEach(Segment::usedByName));
  }

  private Future<FileSlice> readRecent(
      long startOffset, long end, int maxBytes, boolean minOneBatch) {
    int position = state.recent.positionOf(startOffset);
    int length = state.recent.length(startOffset, end, maxBytes, minOneBatch);
    if (length == 0) {
      return Future.succeededFuture();
    }
    Segment segment = state.active;
    if (segment.channel != null) {
      parts.cache().used(segment);
      return Future.succeededFuture(new FileSlice(segment.channel.retain(), position, length, end));
    }
    return open(segment).map(ref -> new FileSlice(ref, position, length, end));
  }

  /** A count of the segment's channel for the caller. */
  private Future<SegmentRef> open(Segment segment) {
    if (segment.channel != null) {
      parts.cache().used(segment);
      return Future.succeededFuture(segment.channel.retain());
    }
    return byName(List.of(segment), () -> parts.cache().open(segment))
        .map(
            ref -> {
              ref.retain();
              parts.cache().install(segment, ref);
              return ref;
            });
  }

  private Future<FileSlice> readCold(
      Segment segment, long startOffset, long end, int maxBytes, boolean minOneBatch) {
    return indexesOf(segment)
        .compose(
            indexes -> {
              ColdRead.Ask ask = ask(segment, indexes, startOffset, end, maxBytes, minOneBatch);
              return open(segment)
                  .compose(ref -> findRange(ref, ask, at -> endOffset(segment, indexes, at, end)));
            })
        .compose(
            slice -> {
              if (slice.found()) {
                return Future.succeededFuture(slice.data());
              }
              // A gap at the end of the segment: compaction or an aborted tail left nothing there.
              var next = state.segments.higherEntry(segment.baseOffset);
              return next == null || next.getKey() >= end
                  ? Future.succeededFuture()
                  : readCold(next.getValue(), startOffset, end, maxBytes, minOneBatch);
            })
        .recover(e -> Future.failedFuture(explain(e, segment, startOffset)));
  }

  private Throwable explain(Throwable e, Segment segment, long startOffset) {
    boolean clear =
        e instanceof OffsetOutOfRangeException
            || e instanceof StorageException
            || e instanceof SegmentReplaced;
    if (clear) {
      return e;
    }
    return segment.removed && !segment.replaced
        ? new OffsetOutOfRangeException(
            "offset " + startOffset + " of " + state.tp + " was removed")
        : new StorageException("Reading " + segment.logFile() + " failed: " + e, e);
  }

  /** An offset above all batches that end at or before a position, as near as the index knows. */
  private static long endOffset(Segment segment, SegmentIndexes indexes, int position, long end) {
    long behind = indexes.offsets.offsetBehind(position);
    return Math.min(end, behind < 0 ? segment.nextOffset : behind);
  }

  private record Found(boolean found, FileSlice data) {}

  /** Runs in a worker; takes over one count of {@code ref}. */
  private Future<Found> findRange(SegmentRef ref, ColdRead.Ask ask, IntToLongFunction endOffset) {
    return parts
        .work(
            () -> {
              ColdRead.Range range = ColdRead.find(ref.channel(), ask);
              boolean slow =
                  ColdRead.touch(ref.channel(), range.position(), range.sizeBytes(), parts.clock());
              parts.meters().readCold(slow);
              return range;
            })
        .map(
            range -> {
              if (range.sizeBytes() > 0) {
                int position = range.position();
                long above = endOffset.applyAsLong(position + range.sizeBytes());
                return new Found(true, new FileSlice(ref, position, range.sizeBytes(), above));
              }
              ref.release();
              return new Found(range.found(), null);
            })
        .onFailure(e -> ref.release());
  }

  private static ColdRead.Ask ask(
      Segment segment,
      SegmentIndexes indexes,
      long startOffset,
      long end,
      int maxBytes,
      boolean minOneBatch) {
    OffsetIndex offsets = indexes.offsets;
    int from = offsets.positionFor(startOffset);
    int limit = (int) Math.min(segment.sizeBytes, (long) from + maxBytes);
    int safeEnd = end >= segment.nextOffset ? segment.sizeBytes : offsets.positionFor(end - 1);
    if (safeEnd > limit) {
      safeEnd = floorPosition(offsets, limit);
    }
    return new ColdRead.Ask(
        from, safeEnd, segment.sizeBytes, startOffset, end, maxBytes, minOneBatch);
  }

  /** Largest indexed position at or below {@code limit}, 0 without one. */
  private static int floorPosition(OffsetIndex offsets, int limit) {
    int low = 0;
    int high = offsets.entries() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (offsets.positionAt(middle) <= limit) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high < 0 ? 0 : offsets.positionAt(high);
  }

  /** The indexes of a segment, loaded off the loop when they are not in memory. */
  Future<SegmentIndexes> indexesOf(Segment segment) {
    if (segment.indexes != null) {
      parts.cache().usedIndexes(segment);
      return Future.succeededFuture(segment.indexes);
    }
    IndexFiles.Target target = IndexFiles.Target.of(segment, state.config.indexIntervalBytes());
    return byName(List.of(segment), () -> IndexFiles.loadOrRebuild(target))
        .onSuccess(indexes -> parts.cache().install(segment, indexes));
  }

  /** See {@link PartitionLog#bytesBetween}. */
  long bytesBetween(long fromOffset, long toOffsetExclusive) {
    long from = Math.max(fromOffset, state.logStart);
    long to = Math.min(toOffsetExclusive, state.logEnd);
    if (from >= to) {
      return 0;
    }
    Segment first = state.segmentOf(from);
    Segment last = state.segmentOf(to - 1);
    long bytes = positionOf(last, to) - positionOf(first, from);
    if (first != last) {
      for (Segment segment : state.segments.subMap(first.baseOffset, last.baseOffset).values()) {
        bytes += segment.sizeBytes;
      }
    }
    return Math.max(1, bytes);
  }

  private int positionOf(Segment segment, long offset) {
    if (offset >= segment.nextOffset) {
      return segment.sizeBytes;
    }
    if (segment == state.active && state.recent.covers(offset)) {
      return state.recent.positionOf(offset);
    }
    return segment.indexes == null ? 0 : segment.indexes.offsets.positionFor(offset);
  }

  // ---- by timestamp -------------------------------------------------------------------------

  /** See {@link PartitionLog#offsetForTimestamp}. */
  Future<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetExclusive) {
    return search(
        () -> loadTimestamps().compose(loaded -> searchTimestamp(timestampMs, endOffsetExclusive)),
        SEARCHES_MAX);
  }

  /** Retention may remove a segment while it is searched: then the rest is searched anew. */
  private <T> Future<T> search(Supplier<Future<T>> step, int triesLeft) {
    return Attempt.of(step)
        .recover(
            e -> {
              if (e instanceof NoSuchFileException && triesLeft > 1) {
                return search(step, triesLeft - 1);
              }
              return Future.failedFuture(
                  e instanceof IOException
                      ? new StorageException("Searching " + state.folder + " failed: " + e, e)
                      : e);
            });
  }

  private Future<TimestampedOffset> searchTimestamp(long timestampMs, long end) {
    Promise<TimestampedOffset> first = Promise.promise();
    searchTimestamp(
        List.copyOf(state.segments.values()).iterator(),
        new TimestampedSearch(timestampMs, end, first));
    return first.future();
  }

  private record TimestampedSearch(long timestampMs, long end, Promise<TimestampedOffset> first) {
    /** True when that was the end. */
    boolean endsWith(AsyncResult<TimestampedOffset> searched) {
      boolean over = searched.failed() || searched.result().offset() >= 0;
      if (over) {
        first.handle(searched);
      }
      return over;
    }
  }

  /** Records below the log's start do not count, so it may go far and must not nest either. */
  private void searchTimestamp(Iterator<Segment> candidates, TimestampedSearch search) {
    long timestampMs = search.timestampMs();
    while (candidates.hasNext()) {
      Segment segment = candidates.next();
      boolean reaches =
          segment == state.active
              ? segment.indexes.largestTimestampMs() >= timestampMs
              : segment.largestTimestampMs >= timestampMs;
      if (segment.baseOffset >= search.end()) {
        break;
      }
      if (!reaches || segment.nextOffset <= state.logStart) {
        continue;
      }
      Future<TimestampedOffset> searched =
          Attempt.of(() -> searchSegment(segment, timestampMs, search.end()));
      if (!searched.isComplete()) {
        searched.onComplete(
            result -> {
              if (!search.endsWith(result)) {
                searchTimestamp(candidates, search);
              }
            });
        return;
      }
      if (search.endsWith(searched)) {
        return;
      }
    }
    search.first().complete(TimestampSearch.NOT_FOUND);
  }

  private Future<TimestampedOffset> searchSegment(Segment segment, long timestampMs, long end) {
    long logStart = state.logStart;
    return indexesOf(segment)
        .compose(
            indexes -> {
              int from = indexes.offsets.positionFor(indexes.times.offsetFor(timestampMs));
              int size = segment.sizeBytes;
              return withChannel(
                  segment,
                  ref ->
                      TimestampSearch.firstAt(
                          ref.channel(), from, size, timestampMs, logStart, end));
            });
  }

  private interface ChannelUse<T> {
    T apply(SegmentRef ref) throws IOException;
  }

  private <T> Future<T> withChannel(Segment segment, ChannelUse<T> use) {
    return open(segment)
        .compose(ref -> parts.work(() -> use.apply(ref)).onComplete(done -> ref.release()));
  }

  /** See {@link PartitionLog#offsetOfMaxTimestamp}. */
  Future<TimestampedOffset> offsetOfMaxTimestamp() {
    return search(this::searchMaxTimestamp, SEARCHES_MAX);
  }

  private Future<TimestampedOffset> searchMaxTimestamp() {
    return loadTimestamps()
        .compose(
            loaded -> {
              Segment best = null;
              for (Segment segment : state.segments.values()) {
                if (segment.sizeBytes > 0 && (best == null || largest(segment) > largest(best))) {
                  best = segment;
                }
              }
              return best == null || largest(best) < 0
                  ? Future.succeededFuture(TimestampSearch.NOT_FOUND)
                  : searchSegment(best, largest(best), Long.MAX_VALUE);
            });
  }

  private long largest(Segment segment) {
    return segment == state.active
        ? segment.indexes.largestTimestampMs()
        : segment.largestTimestampMs;
  }

  /** Makes the largest timestamp of every closed segment known. */
  Future<Void> loadTimestamps() {
    List<Segment> unknown = new ArrayList<>();
    List<IndexFiles.Target> targets = new ArrayList<>();
    for (Segment segment : state.segments.values()) {
      if (segment != state.active && segment.largestTimestampMs < 0) {
        unknown.add(segment);
        targets.add(IndexFiles.Target.of(segment, state.config.indexIntervalBytes()));
      }
    }
    if (unknown.isEmpty()) {
      return Future.succeededFuture();
    }
    return byName(
            unknown,
            () -> {
              List<Long> found = new ArrayList<>(targets.size());
              for (IndexFiles.Target target : targets) {
                found.add(IndexFiles.largestTimestampMs(target));
              }
              return found;
            })
        .map(
            found -> {
              for (int i = 0; i < found.size(); i++) {
                unknown.get(i).largestTimestampMs = found.get(i);
              }
              return null;
            });
  }

  // ---- transactions -------------------------------------------------------------------------

  /** See {@link PartitionLog#abortedTransactions}. */
  Future<List<AbortedTxn>> abortedTransactions(long from, long toExclusive) {
    return search(() -> searchAborted(from, toExclusive), SEARCHES_MAX);
  }

  private Future<List<AbortedTxn>> searchAborted(long from, long toExclusive) {
    List<AbortedTxn> found = new ArrayList<>();
    Iterator<Segment> segments =
        List.copyOf(state.segments.tailMap(state.segmentOf(from).baseOffset, true).values())
            .iterator();
    Promise<List<AbortedTxn>> all = Promise.promise();
    collectAborted(segments, new AbortedSearch(from, toExclusive, found, all));
    return all.future();
  }

  private record AbortedSearch(
      long from, long toExclusive, List<AbortedTxn> found, Promise<List<AbortedTxn>> all) {
    /** True when that was the end. */
    boolean endsWith(AsyncResult<SegmentIndexes> loaded) {
      if (loaded.failed()) {
        all.fail(loaded.cause());
        return true;
      }
      boolean complete = loaded.result().txns.collect(from, toExclusive, found);
      if (complete) {
        all.complete(found);
      }
      return complete;
    }
  }

  /** Without aborted transactions it goes to the log's end, so it must not nest by segments. */
  private void collectAborted(Iterator<Segment> segments, AbortedSearch search) {
    while (segments.hasNext()) {
      Segment segment = segments.next();
      Future<SegmentIndexes> loaded =
          segment.indexes != null
              ? Future.succeededFuture(segment.indexes)
              : Attempt.of(() -> indexesOf(segment));
      if (!loaded.isComplete()) {
        loaded.onComplete(
            result -> {
              if (!search.endsWith(result)) {
                collectAborted(segments, search);
              }
            });
        return;
      }
      if (search.endsWith(loaded)) {
        return;
      }
    }
    search.all().complete(search.found());
  }
}
