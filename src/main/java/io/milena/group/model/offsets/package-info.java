/**
 * Committed offsets as a pure machine: commits, reads, deletion, expiry, for groups of either kind.
 * {@code GroupOffsets} is the door.
 *
 * <p>{@code OffsetTable} is what the log says, changed by committed records alone; {@code
 * OffsetsInFlight} knows the commits that are under way; {@code OffsetRemoval} and {@code
 * OffsetExpiry} write tombstones, a {@code TombstoneSlice} at a time, and never one that a commit
 * under way would come before. Commits do not wait for one another: the last by log offset wins.
 *
 * <p>Neighbours: of a group only {@code Group} in {@code group.model} is known, which says who may
 * commit, read and delete; {@code metadata} tells which topics are gone. Rules: R45 and R46.
 */
package io.milena.group.model.offsets;
