package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.milena.metadata.BrokerEndpoint;
import io.milena.zookeeper.client.ZkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code /brokers/ids/N}: written as version 5, read as 1 to 5.
 *
 * @param id broker id, not part of the data
 * @param endpoints listeners in the order of the configuration; never empty
 * @param rack or null
 * @param jmxPort -1 when there is none
 * @param timestampMs wall clock of the registration
 * @param features supported features, empty when the broker does not say
 * @param cleanStart our own addition, {@code "milena_clean_start":true}, left out when false: the
 *     broker comes from a clean stop and lost nothing. Kafka reads only keys that it knows
 */
public record BrokerZNode(
    int id,
    List<BrokerEndpoint> endpoints,
    String rack,
    int jmxPort,
    long timestampMs,
    Map<String, FeatureRange> features,
    boolean cleanStart) {
  private static final int VERSION = 5;
  private static final String CLEAN_START = "milena_clean_start";

  /** Supported levels of a feature, both inclusive. */
  public record FeatureRange(int minVersion, int maxVersion) {}

  public BrokerZNode {
    endpoints = List.copyOf(endpoints);
    features = Map.copyOf(features);
  }

  /**
   * The JSON. Host and port are those of the first PLAINTEXT listener, or null and -1: old clients
   * read only these. HTTP listeners are endpoints but never host and port.
   */
  public byte[] encode() {
    ObjectNode json = Json.object().put("version", VERSION);
    BrokerEndpoint plain = firstPlaintext();
    if (plain == null) {
      json.putNull("host").put("port", -1);
    } else {
      json.put("host", plain.host()).put("port", plain.port());
    }
    json.put("jmx_port", jmxPort).put("timestamp", Long.toString(timestampMs));
    ArrayNode list = json.putArray("endpoints");
    ObjectNode protocols = json.putObject("listener_security_protocol_map");
    for (BrokerEndpoint endpoint : endpoints) {
      list.add(url(endpoint));
      protocols.put(endpoint.listener(), endpoint.securityProtocol());
    }
    if (rack != null) {
      json.put("rack", rack);
    }
    ObjectNode featuresJson = json.putObject("features");
    new TreeMap<>(features)
        .forEach(
            (name, range) ->
                featuresJson
                    .putObject(name)
                    .put("min_version", range.minVersion())
                    .put("max_version", range.maxVersion()));
    if (cleanStart) {
      json.put(CLEAN_START, true);
    }
    return Json.bytes(json);
  }

  /** The registration of a process that lost its session: what it held since then is not known. */
  public BrokerZNode again() {
    return new BrokerZNode(id, endpoints, rack, jmxPort, timestampMs, features, false);
  }

  /** Reads versions 1 to 5; later ones are read as 5. Fails with {@link ZkException.Malformed}. */
  public static BrokerZNode decode(int brokerId, byte[] data) {
    String what = Paths.broker(brokerId);
    JsonNode json = Json.parse(what, data);
    int version = Json.requiredInt(what, json, "version");
    if (version < 1) {
      throw new ZkException.Malformed(what, "version " + version);
    }
    List<BrokerEndpoint> endpoints = new ArrayList<>();
    if (version == 1) {
      endpoints.add(
          new BrokerEndpoint(
              "PLAINTEXT",
              Json.requiredText(what, json, "host"),
              Json.requiredInt(what, json, "port"),
              "PLAINTEXT"));
    } else {
      Map<String, String> protocols = Json.stringMap(json.get("listener_security_protocol_map"));
      JsonNode list = json.get("endpoints");
      if (list == null || !list.isArray()) {
        throw new ZkException.Malformed(what, "no endpoints");
      }
      list.forEach(url -> endpoints.add(endpoint(what, url.asText(), protocols)));
    }
    JsonNode rack = json.get("rack");
    JsonNode jmx = json.get("jmx_port");
    JsonNode timestamp = json.get("timestamp");
    return new BrokerZNode(
        brokerId,
        endpoints,
        rack == null || rack.isNull() ? null : rack.asText(),
        jmx == null ? -1 : jmx.asInt(-1),
        timestamp == null ? -1 : timestamp.asLong(-1),
        features(json.get("features")),
        json.path(CLEAN_START).asBoolean(false));
  }

  private BrokerEndpoint firstPlaintext() {
    for (BrokerEndpoint endpoint : endpoints) {
      if (endpoint.securityProtocol().equals("PLAINTEXT") && !isHttp(endpoint.listener())) {
        return endpoint;
      }
    }
    return null;
  }

  private static boolean isHttp(String listener) {
    return listener.equals("HTTP") || listener.equals("HTTPS");
  }

  private static String url(BrokerEndpoint endpoint) {
    String host = endpoint.host();
    boolean v6 = host.indexOf(':') >= 0 && !host.startsWith("[");
    return endpoint.listener() + "://" + (v6 ? "[" + host + "]" : host) + ":" + endpoint.port();
  }

  private static BrokerEndpoint endpoint(String what, String url, Map<String, String> protocols) {
    int scheme = url.indexOf("://");
    int colon = url.lastIndexOf(':');
    if (scheme <= 0 || colon <= scheme + 2) {
      throw new ZkException.Malformed(what, "endpoint '" + url + "'");
    }
    String listener = url.substring(0, scheme).toUpperCase(Locale.ROOT);
    String host = url.substring(scheme + 3, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new BrokerEndpoint(
          listener,
          host,
          Integer.parseInt(url.substring(colon + 1)),
          protocols.getOrDefault(listener, listener));
    } catch (NumberFormatException e) {
      throw new ZkException.Malformed(what, "endpoint '" + url + "'");
    }
  }

  private static Map<String, FeatureRange> features(JsonNode json) {
    Map<String, FeatureRange> features = new TreeMap<>();
    if (json != null && json.isObject()) {
      json.fields()
          .forEachRemaining(
              e ->
                  features.put(
                      e.getKey(),
                      new FeatureRange(
                          e.getValue().path("min_version").asInt(0),
                          e.getValue().path("max_version").asInt(0))));
    }
    return features;
  }
}
