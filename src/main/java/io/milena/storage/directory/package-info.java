/**
 * The entries of {@code log.dirs}: locks, identity, clean-shutdown markers, checkpoint files, which
 * partition lives where, what failed, how much room is left. {@code LogDirectories} is the door; a
 * store sees each entry as its own {@code LogDirectory}.
 *
 * <p>Neighbours: {@code storage.file} below; the store and its logs above, which are known as a
 * {@code StoreListener} only. Rules: the state of all directories belongs to one context; stores
 * reach it by calls that hop there and are told on their own context.
 */
package io.milena.storage.directory;
