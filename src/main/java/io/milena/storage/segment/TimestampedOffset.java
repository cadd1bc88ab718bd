package io.milena.storage.segment;

/** A record found by its timestamp; offset −1 when there is none. */
public record TimestampedOffset(long offset, long timestampMs, int leaderEpoch) {}
