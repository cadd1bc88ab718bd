/**
 * The group coordinators of this broker: {@link io.milena.group.GroupVerticle}s own the partitions
 * of {@code __consumer_offsets} that this broker leads, one {@code group.model} machine for each,
 * driven by {@code coordinator}'s runtime.
 *
 * <p>{@link io.milena.group.GroupClient} is the door: {@code api} asks through it, {@code node}
 * tells through it of every new image and so which partitions are led. Neighbours below: {@code
 * partition} holds the log, {@code controller} creates the topic. Rules: R45, R46.
 */
package io.milena.group;
