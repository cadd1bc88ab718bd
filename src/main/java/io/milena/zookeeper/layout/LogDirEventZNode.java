package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.milena.zookeeper.client.ZkException;

/**
 * {@code /log_dir_event_notification/log_dir_event_##########}: a broker lost a log directory.
 *
 * <p>Nobody writes it yet, on purpose: the notice is deleted by the controller that acts on it, and
 * ours learns of lost directories from heartbeats when there are other brokers to lead instead. On
 * a single broker it would lie in ZooKeeper for ever. Kept for reading what a Kafka 3.9 left.
 */
public final class LogDirEventZNode {
  private static final int FAILURE = 1;

  private LogDirEventZNode() {}

  public static byte[] encode(int brokerId) {
    return Json.bytes(
        Json.object().put("version", 1).put("broker", brokerId).put("event", FAILURE));
  }

  /**
   * The broker's id. Fails with {@link ZkException.Malformed}.
   *
   * @param what path for the error message
   */
  public static int decode(String what, byte[] data) {
    JsonNode json = Json.parse(what, data);
    return Json.requiredInt(what, json, "broker");
  }
}
