/**
 * Where work goes that would hold an event loop too long, for the APIs and the coordinators alike.
 * One pool for all of it: two would only take the same cores from one another.
 *
 * <p>Neighbours: Vert.x below; {@code api} and {@code coordinator} hand work over, {@code app}
 * makes the pool. Files have workers of their own in {@code storage}.
 */
package io.milena.work;
