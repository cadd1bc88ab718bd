/**
 * One segment: its files, indexes, shared read channel, and what is found inside it by offset or
 * timestamp.
 *
 * <p>Neighbours: {@code log} says what the bytes and the index entries mean; {@code storage.file}
 * names and writes files; {@code storage}, {@code storage.recovery} and {@code storage.compaction}
 * use segments. Rules: nothing here knows the log a segment belongs to. A {@code Segment} is the
 * shared record of its log's parts, hence its open fields: whoever loads it, and from then on the
 * log's event loop alone changes it; nobody outside {@code storage} may see it. Others get a {@code
 * FileSlice}, whose count keeps the channel open.
 */
package io.milena.storage.segment;
