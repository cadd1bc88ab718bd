package io.milena.group;

import org.apache.kafka.common.protocol.Errors;

/** What members are told when the log refuses a coordinator's append. Stateless. */
final class AppendErrors {
  private AppendErrors() {}

  /**
   * As Kafka maps them: what passes by itself is to be tried again, a broken disk makes clients
   * look for another coordinator.
   */
  static Errors toClients(Errors error) {
    return switch (error) {
      case NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT -> Errors.COORDINATOR_NOT_AVAILABLE;
      case KAFKA_STORAGE_ERROR, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION ->
          Errors.NOT_COORDINATOR;
      case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
      default -> Errors.UNKNOWN_SERVER_ERROR;
    };
  }
}
