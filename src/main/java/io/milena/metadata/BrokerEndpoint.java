package io.milena.metadata;

/**
 * One listener of a broker as {@code /brokers/ids/N} registers it.
 *
 * @param listener listener name, upper case
 * @param host name that clients are told
 * @param port port that clients are told
 * @param securityProtocol Kafka's name: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL
 */
public record BrokerEndpoint(String listener, String host, int port, String securityProtocol) {}
