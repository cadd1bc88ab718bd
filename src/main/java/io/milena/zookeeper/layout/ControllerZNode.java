package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.milena.zookeeper.client.ZkException;

/**
 * {@code /controller}, version 2.
 *
 * @param brokerId of the controller
 * @param timestampMs wall clock of the election
 * @param kraftControllerEpoch -1, or the epoch of a KRaft controller that is taking over the
 *     metadata: then Milena must not start on it
 */
public record ControllerZNode(int brokerId, long timestampMs, int kraftControllerEpoch) {
  private static final int VERSION = 2;

  public ControllerZNode(int brokerId, long timestampMs) {
    this(brokerId, timestampMs, -1);
  }

  /** True when the cluster's metadata belongs to KRaft controllers. */
  public boolean underKRaft() {
    return kraftControllerEpoch >= 0;
  }

  public byte[] encode() {
    return Json.bytes(
        Json.object()
            .put("version", VERSION)
            .put("brokerid", brokerId)
            .put("timestamp", Long.toString(timestampMs))
            .put("kraftControllerEpoch", kraftControllerEpoch));
  }

  /** Reads versions 1 and 2; fails with {@link ZkException.Malformed}. */
  public static ControllerZNode decode(byte[] data) {
    JsonNode json = Json.parse(Paths.CONTROLLER, data);
    return new ControllerZNode(
        Json.requiredInt(Paths.CONTROLLER, json, "brokerid"),
        json.path("timestamp").asLong(-1),
        json.path("kraftControllerEpoch").asInt(-1));
  }
}
