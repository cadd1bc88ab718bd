/**
 * The event bus as Milena uses it: addresses, codecs, requests with deadlines, and the cluster that
 * carries it between brokers.
 *
 * <p>{@link io.milena.bus.Addresses} names who hears what; {@link io.milena.bus.LocalCodec} passes
 * objects by reference inside the process; {@link io.milena.bus.BusMessage} with {@link
 * io.milena.bus.KafkaMessageCodec} is what travels between brokers, in the envelope of R51; {@link
 * io.milena.bus.Asking} is request and answer with deadline and retry; {@link
 * io.milena.bus.OwningClusterManager} keeps the Vert.x cluster alive over lost ZooKeeper sessions.
 * Neighbours: {@code zookeeper}, {@code base} below; every verticle above. Rules: no record bytes
 * on the clustered bus (R53), a handful of clustered addresses per broker, cluster membership is
 * never authority (R55).
 */
package io.milena.bus;
