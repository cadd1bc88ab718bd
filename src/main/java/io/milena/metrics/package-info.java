/**
 * What the broker counts and how it is told: plain counters on the hot path, and a Micrometer
 * registry for Prometheus that is made when somebody first asks for it.
 *
 * <p>Names are those that the usual rules of the Prometheus JMX exporter give Kafka's meters, e.g.
 * {@code kafka_server_brokertopicmetrics_bytesin_total}, and {@code milena_} for our own.
 * Neighbours: {@code base} below, everybody above. Rules: counting never allocates, locks or
 * blocks; nothing of Micrometer is loaded before the first scrape.
 */
package io.milena.metrics;
