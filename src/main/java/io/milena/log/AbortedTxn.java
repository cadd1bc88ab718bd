package io.milena.log;

/** One entry of the .txnindex file. */
public final class AbortedTxn {}
