/**
 * Logs as files: directories, segments, indexes on disk, checkpoints, recovery, over Vert.x's async
 * file API.
 *
 * <p>Neighbours: {@code log} below says what the bytes mean; {@code partition} above owns each log.
 * Rules: at most one write in flight per log; nothing here blocks an event loop; what a segment's
 * channel serves is counted, so that retention never closes a file in use.
 */
package io.milena.storage;
