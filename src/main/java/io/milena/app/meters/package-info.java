/**
 * What is counted of the broker's parts: they are asked, or watched, and know nothing of it.
 *
 * <p>{@link io.milena.app.meters.BrokerMeters} holds the broker's {@code Metrics} and adds
 * connections, image, shards, ZooKeeper and event loops; {@link io.milena.app.meters.GroupMeters}
 * counts for the group coordinators. Neighbours: {@code metrics}, whose package comment lists all
 * names, and the doors of what is measured below; {@code app.assembly} above. Rules as in {@code
 * metrics}; what only a scrape needs is asked for by the scrape.
 */
package io.milena.app.meters;
