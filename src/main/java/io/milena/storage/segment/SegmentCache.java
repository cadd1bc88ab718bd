package io.milena.storage.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds what the segments of one store keep open and in memory: read channels by number, indexes
 * of closed segments by bytes. The least recently used go first. Owned by the store's event loop.
 */
public final class SegmentCache {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentCache.class);

  private final int channelsMax;
  private final long indexBytesMax;
  private final Consumer<FileChannel> closer;
  private final LinkedHashSet<Segment> withChannel = new LinkedHashSet<>();
  private final LinkedHashSet<Segment> withIndexes = new LinkedHashSet<>();
  private long indexBytes;

  /**
   * @param closer closes a channel off the event loops
   */
  public SegmentCache(int channelsMax, long indexBytesMax, Consumer<FileChannel> closer) {
    this.channelsMax = Math.max(1, channelsMax);
    this.indexBytesMax = indexBytesMax;
    this.closer = closer;
  }

  /** Opens a segment's read channel with one count for the caller; blocking. */
  public SegmentRef open(Segment segment) throws IOException {
    return new SegmentRef(FileChannel.open(segment.logFile(), StandardOpenOption.READ), closer);
  }

  /** Marks a use of the segment's channel. */
  public void used(Segment segment) {
    if (withChannel.remove(segment)) {
      withChannel.add(segment);
    }
  }

  /** Gives a freshly opened channel to its segment; takes over the count. */
  public void install(Segment segment, SegmentRef channel) {
    if (segment.channel != null || segment.removed) {
      channel.release();
      return;
    }
    segment.channel = channel;
    withChannel.add(segment);
    while (withChannel.size() > channelsMax) {
      dropChannel(withChannel.iterator().next());
    }
  }

  private void dropChannel(Segment segment) {
    withChannel.remove(segment);
    SegmentRef channel = segment.channel;
    segment.channel = null;
    channel.release();
  }

  /** Keeps the indexes of a closed segment for a while. */
  public void install(Segment segment, SegmentIndexes indexes) {
    if (segment.removed || segment.indexes != null) {
      return;
    }
    segment.indexes = indexes;
    withIndexes.add(segment);
    indexBytes += indexes.memoryBytes();
    Iterator<Segment> oldest = withIndexes.iterator();
    while (indexBytes > indexBytesMax && oldest.hasNext()) {
      Segment victim = oldest.next();
      oldest.remove();
      indexBytes -= victim.indexes.memoryBytes();
      victim.indexes = null;
    }
  }

  /** Marks a use of a closed segment's indexes. */
  public void usedIndexes(Segment segment) {
    if (withIndexes.remove(segment)) {
      withIndexes.add(segment);
    }
  }

  /** The segment leaves its log or becomes active again: nothing of it is kept. */
  public void forget(Segment segment) {
    if (segment.channel != null) {
      dropChannel(segment);
    }
    if (withIndexes.remove(segment)) {
      indexBytes -= segment.indexes.memoryBytes();
      segment.indexes = null;
    }
  }

  long indexBytes() {
    return indexBytes;
  }

  int openChannels() {
    return withChannel.size();
  }
}
