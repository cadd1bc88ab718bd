/**
 * A Kafka connection without its transport: frames in, answers out in the order of the requests,
 * bounds on what is in flight, and when to close.
 *
 * <p>Neighbours: {@code api} and {@code protocol} below; {@code network} (TCP) and {@code web}
 * (WebSocket) above hand frames to {@link io.milena.connection.Connection} and implement {@link
 * io.milena.connection.Outbound}. Rule: a connection and all it owns live on one event loop.
 */
package io.milena.connection;
