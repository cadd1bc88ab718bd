package io.milena.log.segment;

/**
 * What the policies need to know of a segment.
 *
 * @param baseOffset first offset it may hold
 * @param sizeBytes bytes of its .log file
 * @param largestTimestampMs largest timestamp of its records; the file's modification time when no
 *     record has one
 */
public record SegmentView(long baseOffset, long sizeBytes, long largestTimestampMs) {}
