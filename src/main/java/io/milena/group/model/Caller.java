package io.milena.group.model;

import io.milena.coordinator.model.Token;

/**
 * Who asks.
 *
 * @param token where the answer goes
 * @param apiVersion of the request
 * @param clientId of the client, or empty
 * @param clientHost as Kafka writes it: {@code /127.0.0.1}
 */
public record Caller(Token token, short apiVersion, String clientId, String clientHost) {}
