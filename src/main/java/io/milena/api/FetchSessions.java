package io.milena.api;

/** The incremental fetch sessions of one connection (KIP-227). Owned by its event loop. */
public interface FetchSessions {}
