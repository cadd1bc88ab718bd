/**
 * How work is begun. {@code CpuWork} is where it goes when it would hold an event loop too long,
 * for the APIs and the coordinators alike: one pool for all of it, two would only take the same
 * cores from one another. {@code Attempt} makes a failed future of what a beginning throws.
 *
 * <p>Neighbours: Vert.x below; {@code api} and {@code coordinator} hand work over, {@code app}
 * makes the pool; {@code storage}, {@code node} and {@code controller} begin theirs as attempts.
 * Files have workers of their own in {@code storage}. Rules: nothing here knows another adapter.
 */
package io.milena.work;
