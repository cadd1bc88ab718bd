package io.milena.group.model.classic;

import io.milena.coordinator.model.Token;
import io.milena.group.model.Caller;

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
