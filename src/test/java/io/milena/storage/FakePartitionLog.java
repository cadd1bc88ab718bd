package io.milena.storage;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.SegmentRef;
import io.milena.storage.segment.TimestampedOffset;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * A log in one file whose writes a test can hold back or let fail: for what a real disk does only
 * when it is broken. Everything else is told with real files.
 */
public final class FakePartitionLog implements PartitionLog {
  private record Batch(BatchHeader header, long position) {}

  private record Write(
      List<BatchHeader> batches, byte[] bytes, long endOffset, Promise<Void> done) {}

  private final TopicPartition name;
  private final Uuid topicId;
  private final LogDirectory directory;
  private final LeaderEpochs epochs = new LeaderEpochs();
  private final ProducerStates producers = new ProducerStates();
  private final List<Batch> batches = new ArrayList<>();
  private final ArrayDeque<Write> staged = new ArrayDeque<>();
  private final List<AbortedTxn> aborted = new ArrayList<>();
  private final SegmentRef segment;
  private boolean held;
  private boolean appendBreaks;
  private boolean checkBreaks;
  private boolean housekeepingBreaks;
  private volatile int housekeepings;
  private long sizeBytes;
  private long logStart;
  private long logEnd;
  private long stagedEnd;
  private boolean deleted;
  private boolean closed;

  public FakePartitionLog(OpenLog ask, Path folder) {
    this.name = ask.topicPartition();
    this.topicId = ask.topicId();
    this.directory = new LogDirectory(0, folder, () -> {});
    try {
      this.segment =
          new SegmentRef(
              FileChannel.open(
                  folder.resolve(name + ".log"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE),
              FakePartitionLog::close);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next append throws, half done. */
  public void breakNextAppend() {
    appendBreaks = true;
  }

  /** The next look at the producers ends in an Error. */
  public void breakNextCheck() {
    checkBreaks = true;
  }

  /** The next housekeeping ends in an Error. */
  public void breakNextHousekeeping() {
    housekeepingBreaks = true;
  }

  /** How often it was looked after. */
  public int housekeepings() {
    return housekeepings;
  }

  /** From now on writes stay under way. */
  public void holdWrites() {
    held = true;
  }

  /** What was held back is written. */
  public void finishWrites() {
    held = false;
    while (!staged.isEmpty()) {
      finish(staged.pollFirst());
    }
  }

  /** What was held back fails. */
  public void failWrites() {
    held = false;
    stagedEnd = logEnd;
    producers.rollbackTo(logEnd);
    List<Write> failed = new ArrayList<>(staged);
    staged.clear();
    failed.forEach(write -> write.done().fail(new StorageException("the disk is broken")));
  }

  public boolean deleted() {
    return deleted;
  }

  public boolean closed() {
    return closed;
  }

  private void finish(Write write) {
    try {
      segment.channel().write(ByteBuffer.wrap(write.bytes()), sizeBytes);
    } catch (IOException e) {
      write.done().fail(new StorageException("write", e));
      return;
    }
    for (BatchHeader header : write.batches()) {
      batches.add(new Batch(header, sizeBytes));
      sizeBytes += header.sizeBytes();
    }
    logEnd = write.endOffset();
    producers.confirm(logEnd);
    write.done().complete();
  }

  @Override
  public Future<Void> append(ByteBuf records, List<BatchHeader> headers) {
    byte[] bytes = new byte[records.readableBytes()];
    records.readBytes(bytes);
    records.release();
    for (BatchHeader header : headers) {
      ProducerStates.CompletedTxn done = producers.apply(header, ByteBuffer.wrap(bytes));
      if (done != null && done.aborted()) {
        aborted.add(done.toAbortedTxn());
      }
      stagedEnd = header.nextOffset();
    }
    if (appendBreaks) {
      appendBreaks = false;
      throw new IllegalStateException("a bug");
    }
    Write write = new Write(headers, bytes, stagedEnd, Promise.promise());
    if (held) {
      staged.addLast(write);
    } else {
      finish(write);
    }
    return write.done().future();
  }

  @Override
  public Future<FileSlice> read(long start, long end, int maxBytes, boolean minOneBatch) {
    long from = -1;
    int size = 0;
    for (Batch batch : batches) {
      if (batch.header().nextOffset() <= start || batch.header().nextOffset() > end) {
        continue;
      }
      boolean fits = size + batch.header().sizeBytes() <= maxBytes;
      if (!fits && !(minOneBatch && size == 0)) {
        break;
      }
      from = from < 0 ? batch.position() : from;
      size += batch.header().sizeBytes();
    }
    return Future.succeededFuture(size == 0 ? null : new FileSlice(segment.retain(), from, size));
  }

  @Override
  public int segments() {
    return 1;
  }

  @Override
  public long bytesBetween(long fromOffset, long toOffsetExclusive) {
    return batches.stream()
        .map(Batch::header)
        .filter(h -> h.nextOffset() > fromOffset && h.baseOffset() < toOffsetExclusive)
        .mapToLong(BatchHeader::sizeBytes)
        .sum();
  }

  @Override
  public Future<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetExclusive) {
    return Future.succeededFuture(
        batches.stream()
            .map(Batch::header)
            .filter(h -> h.maxTimestampMs() >= timestampMs)
            .findFirst()
            .map(h -> new TimestampedOffset(h.baseOffset(), h.maxTimestampMs(), h.leaderEpoch()))
            .orElse(new TimestampedOffset(-1, -1, -1)));
  }

  @Override
  public Future<TimestampedOffset> offsetOfMaxTimestamp() {
    return offsetForTimestamp(
        batches.stream().mapToLong(b -> b.header().maxTimestampMs()).max().orElse(0), logEnd);
  }

  @Override
  public Future<List<AbortedTxn>> abortedTransactions(long from, long toExclusive) {
    return Future.succeededFuture(
        aborted.stream()
            .filter(txn -> txn.lastOffset() >= from && txn.firstOffset() < toExclusive)
            .toList());
  }

  @Override
  public Future<Void> advanceLogStart(long newLogStartOffset) {
    logStart = Math.max(logStart, newLogStartOffset);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> close(boolean clean) {
    closed = true;
    segment.release();
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> delete() {
    deleted = true;
    segment.release();
    return Future.succeededFuture();
  }

  @Override
  public void beginEpoch(int epoch) {
    epochs.assign(epoch, stagedEnd);
  }

  @Override
  public TopicPartition topicPartition() {
    return name;
  }

  @Override
  public Uuid topicId() {
    return topicId;
  }

  @Override
  public LogDirectory directory() {
    return directory;
  }

  @Override
  public long logStartOffset() {
    return logStart;
  }

  @Override
  public long logEndOffset() {
    return logEnd;
  }

  @Override
  public long stagedEndOffset() {
    return stagedEnd;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean writable() {
    return directory.online();
  }

  /** The directory fails. */
  public void goOffline() {
    directory.setOffline();
  }

  @Override
  public LeaderEpochs leaderEpochs() {
    return epochs;
  }

  @Override
  public ProducerStates producers() {
    if (checkBreaks) {
      checkBreaks = false;
      throw new AssertionError("a bug");
    }
    return producers;
  }

  @Override
  public Future<Void> truncateTo(long offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> truncateFullyAt(long offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Integer> enforceRetention(long highWatermark) {
    return Future.succeededFuture(0);
  }

  @Override
  public Future<Void> housekeep() {
    if (!housekeepingBreaks) {
      housekeepings = housekeepings + 1;
    } else {
      housekeepings = 0;
      housekeepingBreaks = false;
      throw new AssertionError("a bug");
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> flush() {
    return Future.succeededFuture();
  }

  @Override
  public long recoveryPoint() {
    return logEnd;
  }

  @Override
  public LogCompaction compaction() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void configure(TopicConfig config) {
    // Nothing here depends on settings.
  }
}
