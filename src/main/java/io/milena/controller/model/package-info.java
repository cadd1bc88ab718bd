/**
 * What the controller decides: elections, placement, topics coming and going, settings, liveness.
 *
 * <p>{@link io.milena.controller.model.ControllerMachine} takes events and returns a {@link
 * io.milena.controller.model.Plan}: ZooKeeper writes, then the change of the image, then answers.
 * Neighbours: {@code metadata}, {@code config}, {@code base} below; {@code controller} carries the
 * plans out. Rule: pure, no Vert.x, no ZooKeeper, no clock.
 */
package io.milena.controller.model;
