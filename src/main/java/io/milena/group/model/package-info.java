/**
 * Groups as pure state machines. One {@code GroupMachine} holds the groups of one partition of
 * {@code __consumer_offsets}; time, member ids and the cluster image come in. Here is what all
 * parts share: requests, settings, the table of groups, their limits, the codec of records; and the
 * machine, which hands each event to the part it concerns.
 *
 * <p>The parts: {@code classic} is the classic protocol; {@code consumer} the one of KIP-848, with
 * its {@code assignor}s; {@code offsets} what groups have committed. They know the shared types of
 * this package, not the machine, and not one another: {@code classic} and {@code consumer} meet in
 * {@code ClassicBridge} only, where groups turn from one kind into the other.
 *
 * <p>Neighbours: {@code coordinator.model} says what a decision is; {@code metadata} is the cluster
 * image; {@code group} above drives the machine on the event bus. Records are Kafka's generated
 * classes. Rules: R45 and R46.
 */
package io.milena.group.model;
