package io.milena.group.model;

import io.milena.coordinator.model.Token;

/**
 * A request whose answer is not known yet.
 *
 * @param token where the answer goes
 * @param apiVersion of the request
 */
record Waiting(Token token, short apiVersion) {
  static Waiting of(Caller caller) {
    return new Waiting(caller.token(), caller.apiVersion());
  }
}
