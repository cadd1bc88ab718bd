/**
 * From a partition's folder to a log that may be served: trusted after a clean stop, recovered
 * otherwise (R31). {@code LogLoader} is the door; what comes out is a {@code LoadedLog}.
 *
 * <p>Neighbours: {@code storage.segment} and {@code storage.file} below; {@code storage} above,
 * which loads at the opening and after a truncation. Rules: all of it blocks and runs on the
 * workers, one loader per load; the folder is nobody else's meanwhile.
 */
package io.milena.storage.recovery;
