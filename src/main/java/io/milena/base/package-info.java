/**
 * The floor everything stands on: time, randomness, deadlines, backoff and invariants.
 *
 * <p>Neighbours: none below. Rule: only this package reads the system clock, draws randomness or
 * ends the process; everybody else is handed a {@link io.milena.base.Clock} or a {@link
 * io.milena.base.RandomSource}, so that a simulator can drive them.
 */
package io.milena.base;
