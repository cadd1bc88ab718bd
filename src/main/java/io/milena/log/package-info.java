/**
 * What a log is, as pure code over {@code ByteBuffer}. Here is only what all parts share: {@link
 * io.milena.log.CorruptFileException}, the one way in which they refuse what they read.
 *
 * <p>The parts: {@code batch} is the records as they lie in the files; {@code producer} what a log
 * knows of those who write it, and which transactions were aborted; {@code segment} the indexes of
 * one segment and when segments begin and go; {@code checkpoint} the small text files, with the
 * leader epochs; {@code compaction} what of a log stays. Allowed looks among them: {@code producer}
 * and {@code compaction} read {@code batch}, {@code compaction} asks {@code producer} for aborted
 * transactions.
 *
 * <p>Neighbours: {@code protocol}, {@code config}, {@code base} below; {@code storage} keeps these
 * things in files, {@code partition} drives them. Rule: no Vert.x, no file access, no clock.
 */
package io.milena.log;
