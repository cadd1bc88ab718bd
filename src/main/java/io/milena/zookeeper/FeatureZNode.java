package io.milena.zookeeper;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code /feature} as Kafka 2.7 to 3.9 wrote it; read only, so that the way back to Kafka stays
 * open. Nobody reads it yet: the first feature that Milena knows will.
 *
 * @param enabled false when the brokers' protocol version was below 2.7
 * @param maxLevels finalized level by feature
 */
public record FeatureZNode(boolean enabled, Map<String, Integer> maxLevels) {
  public FeatureZNode {
    maxLevels = Map.copyOf(maxLevels);
  }

  /** Reads versions 1 and 2; fails with {@link ZkException.Malformed}. */
  public static FeatureZNode decode(byte[] data) {
    JsonNode json = Json.parse(Paths.FEATURE, data);
    int version = Json.requiredInt(Paths.FEATURE, json, "version");
    if (version != 1 && version != 2) {
      throw new ZkException.Malformed(Paths.FEATURE, "version " + version);
    }
    Map<String, Integer> levels = new TreeMap<>();
    json.path("features")
        .fields()
        .forEachRemaining(
            e ->
                levels.put(
                    e.getKey(),
                    Json.requiredInt(Paths.FEATURE, e.getValue(), "max_version_level")));
    return new FeatureZNode(Json.requiredInt(Paths.FEATURE, json, "status") == 1, levels);
  }
}
