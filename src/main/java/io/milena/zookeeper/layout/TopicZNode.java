package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.milena.zookeeper.client.ZkException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * {@code /brokers/topics/T}: written as version 3, read as 1 to 3.
 *
 * @param topicId {@code Uuid.ZERO_UUID} for a topic written before topic ids
 * @param partitions assignment by partition number
 */
public record TopicZNode(Uuid topicId, SortedMap<Integer, Assignment> partitions) {
  private static final int VERSION = 3;

  /**
   * Brokers of one partition.
   *
   * @param replicas all of them, preferred leader first
   * @param adding those of {@code replicas} that a reassignment adds
   * @param removing those of {@code replicas} that a reassignment removes
   */
  public record Assignment(List<Integer> replicas, List<Integer> adding, List<Integer> removing) {
    public Assignment {
      replicas = List.copyOf(replicas);
      adding = List.copyOf(adding);
      removing = List.copyOf(removing);
    }

    /** No reassignment under way. */
    public static Assignment of(List<Integer> replicas) {
      return new Assignment(replicas, List.of(), List.of());
    }
  }

  public TopicZNode {
    partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
  }

  public byte[] encode() {
    ObjectNode json = Json.object().put("version", VERSION);
    if (!topicId.equals(Uuid.ZERO_UUID)) {
      json.put("topic_id", topicId.toString());
    }
    ObjectNode replicas = json.putObject("partitions");
    ObjectNode adding = json.putObject("adding_replicas");
    ObjectNode removing = json.putObject("removing_replicas");
    partitions.forEach(
        (partition, assignment) -> {
          String key = partition.toString();
          replicas.set(key, Json.ints(assignment.replicas()));
          if (!assignment.adding().isEmpty()) {
            adding.set(key, Json.ints(assignment.adding()));
          }
          if (!assignment.removing().isEmpty()) {
            removing.set(key, Json.ints(assignment.removing()));
          }
        });
    return Json.bytes(json);
  }

  /** Fails with {@link ZkException.Malformed}. */
  public static TopicZNode decode(String topic, byte[] data) {
    String what = Paths.topic(topic);
    JsonNode json = Json.parse(what, data);
    SortedMap<Integer, Assignment> partitions = new TreeMap<>();
    JsonNode replicas = json.get("partitions");
    if (replicas != null) {
      replicas
          .fields()
          .forEachRemaining(e -> partitions.put(number(what, e), assignment(what, json, e)));
    }
    JsonNode id = json.get("topic_id");
    try {
      Uuid topicId = id == null || id.isNull() ? Uuid.ZERO_UUID : Uuid.fromString(id.asText());
      return new TopicZNode(topicId, partitions);
    } catch (IllegalArgumentException e) {
      throw new ZkException.Malformed(what, "topic id '" + id.asText() + "'");
    }
  }

  private static int number(String what, Map.Entry<String, JsonNode> entry) {
    try {
      return Integer.parseInt(entry.getKey());
    } catch (NumberFormatException e) {
      throw new ZkException.Malformed(what, "partition '" + entry.getKey() + "'");
    }
  }

  private static Assignment assignment(
      String what, JsonNode json, Map.Entry<String, JsonNode> entry) {
    return new Assignment(
        Json.intList(what, entry.getValue()),
        Json.intList(what, json.path("adding_replicas").get(entry.getKey())),
        Json.intList(what, json.path("removing_replicas").get(entry.getKey())));
  }
}
