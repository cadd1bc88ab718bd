/**
 * What a broker is told and does about it: {@link io.milena.node.NodeVerticle} registers the
 * broker, reports to the controller, hears image updates, brings the local partitions into line and
 * publishes the image.
 *
 * <p>Neighbours: {@code controller} (its client and messages), {@code partition}, {@code
 * zookeeper}, {@code metadata} below; {@code api} reads the published image and takes producer ids
 * from {@link io.milena.node.NodeClient}. Rule: this package alone writes the {@code
 * AtomicReference<ClusterImage>}.
 */
package io.milena.node;
