/**
 * Apache Kafka's own group coordinator, in this JVM and on one clock, as the judge of Milena's
 * group machines: same requests, same time, and then answers and records are compared.
 *
 * <p>{@link io.milena.group.model.oracle.KafkaShard} is Kafka's {@code GroupCoordinatorShard} with
 * everything around it replaced: time stands still until told, appends are committed at once or
 * fail when told, background tasks run when told. Tests only.
 */
package io.milena.group.model.oracle;
