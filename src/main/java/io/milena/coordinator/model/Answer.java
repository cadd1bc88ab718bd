package io.milena.coordinator.model;

import java.util.Objects;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * @param to who waited
 * @param body the answer's body, of the API that was asked
 */
public record Answer(Token to, ApiMessage body) {
  public Answer {
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(body, "body");
  }
}
