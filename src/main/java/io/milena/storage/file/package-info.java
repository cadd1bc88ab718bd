/**
 * What storage needs of a file system, without knowing what a log is: names of files, files that
 * are replaced as a whole, .log files to append to (a test's disk fails and hangs here), the
 * workers for blocking calls, and how a disk says that it is full.
 *
 * <p>Neighbours: Vert.x, java.nio and {@code work} below; every other package of {@code storage}
 * above. Rules: nothing here knows another package of {@code storage}; every file operation but
 * those of {@code AppendFile} blocks and belongs on the workers.
 */
package io.milena.storage.file;
