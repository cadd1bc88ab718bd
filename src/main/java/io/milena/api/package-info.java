/**
 * One class per Kafka API: decode, authorise, split by owner, ask, merge, map errors.
 *
 * <p>Neighbours: the clients of verticles below; {@code connection}, {@code network}, {@code web}
 * and {@code peer} above hand requests in. Rule: an API class is called on the event loop of the
 * connection, starts its work in order of arrival, and never blocks.
 */
package io.milena.api;
