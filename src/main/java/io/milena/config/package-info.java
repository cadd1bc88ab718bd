/**
 * Settings: Kafka's property names, types, ranges, defaults and documentation as {@code ConfigDef}
 * tables, and the typed records the rest of the broker reads.
 *
 * <p>Neighbours: {@code base} below; everybody above. Rule: a setting is parsed and checked once,
 * here; elsewhere only typed values travel.
 */
package io.milena.config;
