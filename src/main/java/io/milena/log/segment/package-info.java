/**
 * What a log knows of its segments: the sparse indexes from offset and from time to position, when
 * the active segment rolls and which closed ones retention takes. Batches and producers are not
 * known here: numbers come in, positions and decisions go out.
 *
 * <p>Neighbours: {@code storage} keeps indexes in files and does what the policies say. Rule: knows
 * no other part of {@code log} but the parent's exception.
 */
package io.milena.log.segment;
