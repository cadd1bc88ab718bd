/**
 * The controller of the cluster: one broker's {@link io.milena.controller.ControllerVerticle} is
 * awake, elected through ZooKeeper (R1); the others sleep.
 *
 * <p>It carries out what {@code controller.model} decides, always in this order: ZooKeeper under
 * the check of its epoch (R2), image to every broker, answers. Neighbours: {@code zookeeper},
 * {@code bus}, {@code metadata} below; {@code api} asks through {@link
 * io.milena.controller.ControllerClient}, {@code node} hears images and reports. Rule: nothing else
 * writes topics, partitions or settings to ZooKeeper.
 */
package io.milena.controller;
