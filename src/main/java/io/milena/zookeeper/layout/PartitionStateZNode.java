package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.milena.zookeeper.client.ZkException;
import java.util.List;

/**
 * {@code /brokers/topics/T/partitions/p/state}, version 1. The znode's version is the partition
 * epoch.
 *
 * @param controllerEpoch epoch of the controller that wrote it
 * @param leader broker id, -1 when there is none
 * @param leaderEpoch rises with each change of leader (R13)
 * @param isr in-sync replicas; the last known ones when there is no leader (R14)
 * @param recovering true after an unclean election until the leader has recovered (KIP-704)
 */
public record PartitionStateZNode(
    int controllerEpoch, int leader, int leaderEpoch, List<Integer> isr, boolean recovering) {
  private static final int VERSION = 1;
  private static final int RECOVERING = 1;

  public PartitionStateZNode {
    isr = List.copyOf(isr);
  }

  public byte[] encode() {
    ObjectNode json =
        Json.object()
            .put("controller_epoch", controllerEpoch)
            .put("leader", leader)
            .put("version", VERSION)
            .put("leader_epoch", leaderEpoch);
    json.set("isr", Json.ints(isr));
    if (recovering) {
      json.put("leader_recovery_state", RECOVERING);
    }
    return Json.bytes(json);
  }

  /**
   * Fails with {@link ZkException.Malformed}.
   *
   * @param what path for the error message
   */
  public static PartitionStateZNode decode(String what, byte[] data) {
    JsonNode json = Json.parse(what, data);
    return new PartitionStateZNode(
        Json.requiredInt(what, json, "controller_epoch"),
        Json.requiredInt(what, json, "leader"),
        Json.requiredInt(what, json, "leader_epoch"),
        Json.intList(what, json.get("isr")),
        json.path("leader_recovery_state").asInt(0) == RECOVERING);
  }
}
