/**
 * The consumer protocol of KIP-848 as a pure machine: heartbeats, leaving, timers, expressions, and
 * the classic members that such a group may hold. {@code ConsumerGroups} is the door.
 *
 * <p>The way of a heartbeat: {@code HeartbeatCheck} (is it well formed, is its epoch right) →
 * {@code Membership} (who speaks) → {@code MemberChange} (what it says; group epoch; target by an
 * assignor; one step of reconciliation) → a {@code Step} with records → committed → answer and
 * timers.
 *
 * <p>Below are {@code state}, the group as its records say; {@code check}, what requests must be
 * like; {@code topics}, what groups see of an image's topics; {@code timing}, their times. None of
 * them uses this package. What turns groups into the other kind ({@code Conversion}, {@code
 * Upgrade}, {@code Downgrade}) stays here, for it works with the same steps, members and timers;
 * the classic groups themselves are known as a {@code ClassicSide} only.
 *
 * <p>Neighbours: {@code assignor} computes targets; {@code group.model} says what both kinds of
 * groups share.
 */
package io.milena.group.model.consumer;
