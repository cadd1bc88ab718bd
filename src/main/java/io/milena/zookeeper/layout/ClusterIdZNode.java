package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.milena.zookeeper.client.ZkException;

/** {@code /cluster/id}: {@code {"version":"1","id":"…"}}, the version being a string. */
public final class ClusterIdZNode {
  private ClusterIdZNode() {}

  public static byte[] encode(String clusterId) {
    return Json.bytes(Json.object().put("version", "1").put("id", clusterId));
  }

  /** The cluster id; fails with {@link ZkException.Malformed}. */
  public static String decode(byte[] data) {
    JsonNode json = Json.parse(Paths.CLUSTER_ID, data);
    return Json.requiredText(Paths.CLUSTER_ID, json, "id");
  }
}
