/**
 * What every coordinator's state machine speaks: decisions, records of an internal topic, answers,
 * timers. Pure: no Vert.x, no I/O, time comes in as {@code nowMs}.
 *
 * <p>The way of every step (architecture D10): <em>decide → append → committed → apply →
 * answer</em>. A machine that is asked changes no durable state; it returns a {@link
 * io.milena.coordinator.model.Decision}. Its records are appended as one batch; when they are
 * committed the runtime gives them to {@link io.milena.coordinator.model.CoordinatorMachine#apply},
 * the same method that loading uses, and then asks {@link
 * io.milena.coordinator.model.AfterAppend#committed} what is due now. Nothing is ever rolled back.
 *
 * <p>Neighbours: {@code group.model} above implements it; {@code coordinator} drives it.
 */
package io.milena.coordinator.model;
