package io.milena.coordinator.model;

/**
 * Whoever waits for an answer, compared by identity. Made by the runtime, one for each request that
 * wants an answer; the first {@link Answer} to it counts, a later one is dropped. A machine may
 * keep it as long as the request may wait.
 */
public interface Token {}
