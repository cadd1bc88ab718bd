/**
 * What runs coordinators: {@link io.milena.coordinator.CoordinatorRuntime} keeps one for each
 * partition of an internal topic that this broker leads. It loads the log, drives the state machine
 * through {@code coordinator.model}, appends what is decided, and lets go when leadership is lost
 * (R45). Used by the verticles of groups, transactions and share groups, each of which owns one
 * runtime on its event loop.
 *
 * <p>Neighbours: {@code partition} below holds the logs; {@code group} and others above bring
 * machines and codecs.
 */
package io.milena.coordinator;
