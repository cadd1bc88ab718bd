/**
 * The cluster as one immutable value: {@link io.milena.metadata.ClusterImage} and what changes it,
 * {@link io.milena.metadata.ImageDelta}.
 *
 * <p>The controller is the only author of deltas; {@code node} applies them in order and publishes
 * the image; everything a broker does (lead, follow, stop, answer Metadata) is derived from it.
 * Neighbours: {@code base}, {@code config} below; controller, node and api above. Rule: pure, no
 * Vert.x, no I/O.
 */
package io.milena.metadata;
