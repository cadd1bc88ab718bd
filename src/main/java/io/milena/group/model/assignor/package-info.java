/**
 * The server-side assignors of the consumer protocol (KIP-848), by Kafka's names: {@code uniform}
 * and {@code range}. Plain functions: members with their subscriptions and what they were to have
 * so far go in, what each is to have comes out. They know neither epochs nor who still holds a
 * partition; that is the work of {@code consumer}, the neighbour that calls them.
 *
 * <p>As in Kafka 4.4 neither looks at racks; a change of racks makes the group compute anew.
 */
package io.milena.group.model.assignor;
