/**
 * What a cleaner does to files: closed segments are read batch by batch, a compacted one is written
 * beside them, and renames put it into their place as Kafka's do.
 *
 * <p>Neighbours: {@code storage.segment} and {@code storage.file} below; {@code cleaner} reads and
 * writes, {@code storage.LogCompaction} alone carries out the swap. Rules: all of it blocks; a
 * crash at any point leaves files that {@code storage.recovery} can finish or drop.
 */
package io.milena.storage.compaction;
