package io.milena.storage.compaction;

import java.nio.file.Path;

/**
 * A closed segment that is to be compacted, as it was when the cleaning began. Immutable.
 *
 * @param identity tells whether the log still has this very segment
 * @param log its .log file
 * @param endOffset base offset of the next segment
 * @param sizeBytes of the .log file
 * @param indexBytes of the .index file
 * @param timeIndexBytes of the .timeindex file
 * @param lastModifiedMs of the .log file
 */
public record CleanableSegment(
    Object identity,
    Path log,
    long baseOffset,
    long endOffset,
    int sizeBytes,
    long indexBytes,
    long timeIndexBytes,
    long lastModifiedMs) {}
