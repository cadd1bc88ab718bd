package io.milena.storage.compaction;

import io.milena.log.producer.AbortedTxn;
import java.nio.file.Path;
import java.util.List;

/**
 * What a cleaning works on. Immutable.
 *
 * @param folder of the partition
 * @param segments from the first of the log on, in order
 * @param aborted transactions that overlap them
 * @param roomBytes what may still be written to the directory
 */
public record CleaningSource(
    Path folder, List<CleanableSegment> segments, List<AbortedTxn> aborted, long roomBytes) {
  public CleaningSource {
    segments = List.copyOf(segments);
    aborted = List.copyOf(aborted);
  }
}
