/**
 * What a log is: batches, indexes, epochs, producer state, policies and file formats, as pure code
 * over {@code ByteBuffer}.
 *
 * <p>Neighbours: {@code protocol}, {@code config}, {@code base} below; {@code storage} keeps these
 * things in files, {@code partition} drives them. Rule: no Vert.x, no file access, no clock.
 */
package io.milena.log;
