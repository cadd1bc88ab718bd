package io.milena.connection;

/**
 * The times and sizes of a request that is over. All times are of one monotonic clock, each not
 * before the one above it.
 */
public interface FinishedRequest {
  short apiKey();

  short apiVersion();

  /** When the frame was whole. */
  long receivedNs();

  /** When its handler was called. */
  long startedNs();

  /** When its answer was ready. */
  long answeredNs();

  /** When its answer was handed to the socket. */
  long leftNs();

  /** Of the time from start to answer, how long it waited for others and not for this broker. */
  long waitedNs();

  int requestBytes();

  /** 0 when there was no answer. */
  int responseBytes();
}
