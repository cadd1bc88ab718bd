package io.milena.storage;

import io.milena.log.batch.BatchHeader;
import io.milena.log.segment.RollPolicy;
import io.milena.storage.segment.Segment;

/**
 * The active segment of one log as it will be when all that is staged is written. Owned by the
 * log's event loop.
 */
final class StagedSegment {
  private final LogParts parts;
  private final LogState state;
  private long baseOffset;
  private int sizeBytes;
  private long firstTimestampMs;
  private long createdMs;
  private long jitterMs;

  StagedSegment(LogParts parts, LogState state) {
    this.parts = parts;
    this.state = state;
    setAsWritten();
  }

  /** What is staged is what is written. */
  void setAsWritten() {
    Segment active = state.active;
    baseOffset = active.baseOffset;
    sizeBytes = active.sizeBytes;
    firstTimestampMs = active.indexes.firstTimestampMs();
    createdMs = active.createdMs;
    jitterMs = active.jitterMs;
  }

  /** A new one was staged. */
  void startAt(long newBaseOffset) {
    baseOffset = newBaseOffset;
    sizeBytes = 0;
    firstTimestampMs = -1;
    createdMs = parts.clock().wallMs();
    jitterMs = RollPolicy.jitterMs(state.config, parts.random());
  }

  /** Batches were staged for it. */
  void add(StagedAppend staged) {
    if (sizeBytes == 0) {
      firstTimestampMs = staged.batches.get(0).maxTimestampMs();
    }
    sizeBytes += staged.sizeBytes;
  }

  /** True when these batches have to go into a new one. */
  boolean rollsBefore(StagedAppend staged) {
    return RollPolicy.shouldRoll(
        view(),
        new RollPolicy.Append(
            staged.sizeBytes, staged.nextOffset() - 1, BatchHeader.maxTimestampMs(staged.batches)),
        state.config,
        parts.clock().wallMs());
  }

  /** True when it has outlived {@code segment.ms}. */
  boolean expired(long nowMs) {
    return nowMs - createdMs > state.config.maxSegmentMs() - jitterMs
        && RollPolicy.expired(view(), state.config, nowMs);
  }

  private RollPolicy.ActiveSegment view() {
    boolean active = baseOffset == state.active.baseOffset;
    return new RollPolicy.ActiveSegment(
        baseOffset,
        sizeBytes,
        firstTimestampMs,
        createdMs,
        jitterMs,
        active ? state.active.indexes.offsets.entries() : 0,
        active ? state.active.indexes.times.entries() : 0);
  }
}
