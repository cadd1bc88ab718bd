package io.milena.log;

/** Idempotence and transaction state per producer, a fold over the log (R33-R36). */
public final class ProducerStates {}
