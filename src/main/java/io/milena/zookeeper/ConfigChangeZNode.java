package io.milena.zookeeper;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * {@code /config/changes/config_change_##########}: written as version 2, read as 1 and 2. All
 * brokers watch them; they are purged after 15 minutes.
 */
public final class ConfigChangeZNode {
  private ConfigChangeZNode() {}

  /**
   * @param entityPath e.g. {@code topics/t}, {@code brokers/<default>}, names sanitised
   */
  public static byte[] encode(String entityPath) {
    return Json.bytes(Json.object().put("version", 2).put("entity_path", entityPath));
  }

  /**
   * The entity path. Fails with {@link ZkException.Malformed}.
   *
   * @param what path for the error message
   */
  public static String decode(String what, byte[] data) {
    JsonNode json = Json.parse(what, data);
    int version = Json.requiredInt(what, json, "version");
    if (version == 1) {
      return Json.requiredText(what, json, "entity_type")
          + '/'
          + Json.requiredText(what, json, "entity_name");
    }
    return Json.requiredText(what, json, "entity_path");
  }
}
