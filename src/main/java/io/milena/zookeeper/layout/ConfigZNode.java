package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.milena.zookeeper.client.ZkException;
import java.util.Map;
import java.util.TreeMap;

/** {@code /config/<type>/<name>}: {@code {"version":1,"config":{"name":"value"}}}. */
public final class ConfigZNode {
  private ConfigZNode() {}

  public static byte[] encode(Map<String, String> config) {
    ObjectNode json = Json.object().put("version", 1);
    ObjectNode values = json.putObject("config");
    new TreeMap<>(config).forEach(values::put);
    return Json.bytes(json);
  }

  /**
   * The settings; empty when there is no data, as Kafka reads it. Fails with {@link
   * ZkException.Malformed}.
   *
   * @param what path for the error message
   */
  public static Map<String, String> decode(String what, byte[] data) {
    if (data == null || data.length == 0) {
      return Map.of();
    }
    JsonNode json = Json.parse(what, data);
    return Json.stringMap(json.get("config"));
  }
}
