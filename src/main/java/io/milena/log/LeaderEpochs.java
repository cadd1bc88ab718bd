package io.milena.log;

/** The leader epoch cache of one log (R30). */
public final class LeaderEpochs {}
