/**
 * Logs as files, over Vert.x's async file API: the store of one owner and the log of one partition,
 * {@code LogStore} and {@code PartitionLog}. What a log consists of is here too: its appender with
 * what is staged, flusher, reader, housekeeping, compaction; they share a {@code LogState} and one
 * event loop.
 *
 * <p>The parts below do not know this package: {@code recovery} makes a log of a folder, {@code
 * compaction} rewrites closed segments, {@code directory} keeps the log directories, {@code
 * segment} is one segment with its indexes, {@code file} what all of them need of a file system.
 *
 * <p><b>What a start after kill -9 reads.</b> A rolled segment is synced in the background, its
 * index files and producer snapshot with it; then the recovery point moves behind it and is written
 * to recovery-point-offset-checkpoint within about two seconds, not only at each {@code
 * log.flush.offset.checkpoint.interval.ms}. So the start reads, of each log, the active segment and
 * what was rolled in the last seconds, however many segments there are.
 *
 * <p><b>Why the index of the active segment is not written until it is rolled or closed.</b> It
 * would save nothing: above the recovery point every batch must be read for its CRC (R31), and that
 * walk makes the index anew for nothing. By default, where nothing is flushed but whole segments,
 * all of the active segment is above the recovery point. With {@code flush.messages} or {@code
 * flush.ms} the point lies inside it, and the part below, at most {@code segment.bytes}, is read
 * again too, as Kafka does. Index files that grow beside the log would have to be judged at each
 * start, for they may be torn or ahead of a cut log, and would add two files' writes to every
 * active log.
 *
 * <p>Neighbours: {@code log} below says what the bytes mean; {@code partition} above owns each log.
 * Rules: at most one write in flight per log; a bounded number of rolled segments that wait for the
 * disk; nothing here blocks an event loop; what a segment's channel serves is counted, so that
 * retention never closes a file in use.
 */
package io.milena.storage;
