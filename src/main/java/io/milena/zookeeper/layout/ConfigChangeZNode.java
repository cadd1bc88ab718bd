package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.milena.zookeeper.client.ZkException;
import org.apache.zookeeper.common.PathUtils;

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
   * The entity path, one that can stand below {@code /config}. Fails with {@link
   * ZkException.Malformed}.
   *
   * @param what path for the error message
   */
  public static String decode(String what, byte[] data) {
    String entityPath = entityPath(what, Json.parse(what, data));
    try {
      PathUtils.validatePath(Paths.config(entityPath));
    } catch (IllegalArgumentException e) {
      // without the path, whose control characters have no place in a log
      throw new ZkException.Malformed(what, "its path cannot stand below /config");
    }
    return entityPath;
  }

  private static String entityPath(String what, JsonNode json) {
    int version = Json.requiredInt(what, json, "version");
    if (version == 1) {
      return Json.requiredText(what, json, "entity_type")
          + '/'
          + Json.requiredText(what, json, "entity_name");
    }
    return Json.requiredText(what, json, "entity_path");
  }
}
