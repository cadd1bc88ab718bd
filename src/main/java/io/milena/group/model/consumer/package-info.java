/**
 * The consumer protocol of KIP-848 as a pure machine: heartbeats, leaving, timers, expressions, and
 * the classic members that such a group may hold. {@code ConsumerGroups} is the door.
 *
 * <p>The way of a heartbeat: {@code HeartbeatCheck} (is it well formed, is its epoch right) →
 * {@code Membership} (who speaks) → {@code MemberChange} (what it says; group epoch; target by an
 * assignor; one step of reconciliation) → a {@code Step} with records → committed → answer and
 * timers.
 *
 * <p>Neighbours: {@code state} is the group as its records say; {@code assignor} computes targets;
 * {@code group.model} says what both kinds of groups share.
 */
package io.milena.group.model.consumer;
