/**
 * The glue to kafka-clients: which APIs and versions we serve, the request and response headers,
 * frame limits, decoding with bounds, and the one translator from exceptions to Kafka errors.
 *
 * <p>Neighbours: {@code base} below; {@code connection}, {@code api} and everybody who answers with
 * an error code above. Rule: pure (bytes are {@code ByteBuffer}), and nothing here that the start
 * path touches loads {@code ApiKeys} or {@code ApiMessageType}: that costs hundreds of
 * milliseconds.
 */
package io.milena.protocol;
