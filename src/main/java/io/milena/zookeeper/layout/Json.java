package io.milena.zookeeper.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.milena.zookeeper.client.ZkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON of znodes by Jackson's tree model: no bean introspection, which would cost start-up time.
 * Unknown fields are ignored when reading.
 */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode ints(Collection<Integer> values) {
    ArrayNode array = MAPPER.createArrayNode();
    values.forEach(array::add);
    return array;
  }

  static byte[] bytes(ObjectNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  /** The object in {@code data}; {@code what} names it in the error. */
  static JsonNode parse(String what, byte[] data) {
    if (data == null || data.length == 0) {
      throw new ZkException.Malformed(what, "no data");
    }
    try {
      JsonNode node = MAPPER.readTree(data);
      if (node == null || !node.isObject()) {
        throw new ZkException.Malformed(what, "not a JSON object");
      }
      return node;
    } catch (IOException e) {
      throw new ZkException.Malformed(what, "not JSON (" + data.length + " bytes)");
    }
  }

  static int requiredInt(String what, JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || !value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new ZkException.Malformed(what, "field '" + field + "' is not an integer");
    }
    return value.intValue();
  }

  static String requiredText(String what, JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || !value.isTextual()) {
      throw new ZkException.Malformed(what, "field '" + field + "' is not a string");
    }
    return value.textValue();
  }

  /** A number written as a string, as Kafka does with timestamps and producer ids. */
  static long requiredLongText(String what, JsonNode object, String field) {
    JsonNode value = object.get(field);
    try {
      if (value != null && (value.isTextual() || value.isIntegralNumber())) {
        return Long.parseLong(value.asText());
      }
    } catch (NumberFormatException e) {
      throw new ZkException.Malformed(what, "field '" + field + "' holds no number");
    }
    throw new ZkException.Malformed(what, "field '" + field + "' is missing");
  }

  /** The integers of an array; empty when {@code array} is absent. */
  static List<Integer> intList(String what, JsonNode array) {
    List<Integer> list = new ArrayList<>();
    if (array != null) {
      for (JsonNode item : array) {
        if (!item.isIntegralNumber() || !item.canConvertToInt()) {
          throw new ZkException.Malformed(what, "'" + item + "' is not a broker id");
        }
        list.add(item.intValue());
      }
    }
    return list;
  }

  /** The strings of an object, in order of their names; empty when {@code object} is absent. */
  static Map<String, String> stringMap(JsonNode object) {
    Map<String, String> map = new TreeMap<>();
    if (object != null && object.isObject()) {
      object.fields().forEachRemaining(e -> map.put(e.getKey(), e.getValue().asText()));
    }
    return map;
  }
}
