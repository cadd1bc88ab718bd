/**
 * Groups as pure state machines: the classic protocol, the consumer protocol of KIP-848, committed
 * offsets. One {@code GroupMachine} holds the groups of one partition of {@code
 * __consumer_offsets}; time, member ids and the cluster image come in.
 *
 * <p>Neighbours: {@code coordinator.model} says what a decision is; {@code metadata} is the cluster
 * image; {@code group} above drives it on the event bus. Records are Kafka's generated classes.
 * Rules: R45 and R46.
 */
package io.milena.group.model;
