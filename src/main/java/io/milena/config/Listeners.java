package io.milena.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/**
 * What the settings about listeners say together.
 *
 * @param listeners where to listen
 * @param advertised what clients are told; empty when not set
 * @param interBroker name of the listener for other brokers
 */
record Listeners(List<Listener> listeners, List<Listener> advertised, String interBroker) {
  private static final Pattern ENTRY =
      Pattern.compile("([A-Za-z0-9_.-]+)://(?:\\[([0-9A-Fa-f:.%A-Za-z]*)]|([^:\\[\\]/]*)):(\\d+)");
  private static final Set<String> PROTOCOLS =
      Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

  /** The settings as text. */
  record Raw(
      List<String> listeners,
      List<String> advertised,
      String protocolMap,
      String interBrokerName,
      String interBrokerProtocol) {}

  static Listeners parse(Raw raw) {
    Map<String, String> protocols = protocols(raw.protocolMap());
    List<Listener> listeners = entries("listeners", raw.listeners(), protocols);
    if (listeners.stream().allMatch(Listener::http)) {
      throw new ConfigException("listeners names no listener that speaks Kafka's protocol.");
    }
    for (Listener listener : listeners) {
      refuseSecured(listener);
    }
    refuseSharedPorts(listeners);
    List<Listener> advertised = entries("advertised.listeners", raw.advertised(), protocols);
    for (Listener one : advertised) {
      if (listeners.stream().noneMatch(l -> l.name().equals(one.name()))) {
        throw new ConfigException(
            "advertised.listeners names " + one.name() + ", which listeners does not.");
      }
      if (one.wildcard()) {
        throw new ConfigException(
            "advertised.listeners must name a host that clients can reach, not " + one + ".");
      }
    }
    return new Listeners(listeners, advertised, interBroker(raw, listeners));
  }

  private static Map<String, String> protocols(String map) {
    Map<String, String> protocols = new HashMap<>();
    for (String entry : map.split(",")) {
      if (entry.isBlank()) {
        continue;
      }
      String[] pair = entry.trim().split(":");
      if (pair.length != 2 || !PROTOCOLS.contains(pair[1].trim().toUpperCase(Locale.ROOT))) {
        throw new ConfigException(
            "listener.security.protocol.map has an entry that is not NAME:PROTOCOL: " + entry);
      }
      protocols.put(
          pair[0].trim().toUpperCase(Locale.ROOT), pair[1].trim().toUpperCase(Locale.ROOT));
    }
    protocols.putIfAbsent("HTTP", "PLAINTEXT");
    protocols.putIfAbsent("HTTPS", "SSL");
    return protocols;
  }

  private static List<Listener> entries(
      String setting, List<String> entries, Map<String, String> protocols) {
    List<Listener> listeners = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String entry : entries) {
      Matcher parts = ENTRY.matcher(entry);
      if (!parts.matches()) {
        throw new ConfigException(
            setting + " has an entry that is not NAME://host:port: '" + entry + "'.");
      }
      String name = parts.group(1).toUpperCase(Locale.ROOT);
      String host = parts.group(2) != null ? parts.group(2) : parts.group(3);
      String protocol = protocols.get(name);
      if (protocol == null) {
        throw new ConfigException(
            "listener.security.protocol.map does not say which protocol listener "
                + name
                + " speaks.");
      }
      listeners.add(new Listener(name, host, port(setting, parts.group(4)), protocol));
      if (!names.add(name)) {
        throw new ConfigException(setting + " names " + name + " twice.");
      }
    }
    return listeners;
  }

  private static int port(String setting, String digits) {
    int port = digits.length() > 5 ? 65_536 : Integer.parseInt(digits);
    if (port > 65_535) {
      throw new ConfigException(setting + " has a port above 65535: " + digits + ".");
    }
    return port;
  }

  private static void refuseSecured(Listener listener) {
    if (!listener.securityProtocol().equals("PLAINTEXT")) {
      throw new ConfigException(
          "Listener "
              + listener.name()
              + " asks for "
              + listener.securityProtocol()
              + ", which does not exist yet; it is not opened without it.");
    }
  }

  private static void refuseSharedPorts(List<Listener> listeners) {
    for (Listener a : listeners) {
      for (Listener b : listeners) {
        boolean samePlace =
            a.port() == b.port() && (a.host().equals(b.host()) || a.wildcard() || b.wildcard());
        if (a != b && a.port() != 0 && samePlace) {
          throw new ConfigException(
              "listeners gives "
                  + a
                  + " and "
                  + b
                  + ", which cannot both have port "
                  + a.port()
                  + ".");
        }
      }
    }
  }

  private static String interBroker(Raw raw, List<Listener> listeners) {
    if (raw.interBrokerName() != null && raw.interBrokerProtocol() != null) {
      throw new ConfigException(
          "Only one of inter.broker.listener.name and security.inter.broker.protocol may be set.");
    }
    String name = raw.interBrokerName() == null ? null : raw.interBrokerName().trim();
    if (name != null) {
      String upper = name.toUpperCase(Locale.ROOT);
      if (listeners.stream().noneMatch(l -> !l.http() && l.name().equals(upper))) {
        throw new ConfigException(
            "inter.broker.listener.name is " + name + ", which listeners does not name.");
      }
      return upper;
    }
    String protocol =
        raw.interBrokerProtocol() == null ? "PLAINTEXT" : raw.interBrokerProtocol().trim();
    return listeners.stream()
        .filter(l -> !l.http() && l.name().equals(protocol))
        .findFirst()
        .or(
            () ->
                raw.interBrokerProtocol() != null
                    ? java.util.Optional.empty()
                    : listeners.stream().filter(l -> !l.http()).findFirst())
        .map(Listener::name)
        .orElseThrow(
            () ->
                new ConfigException(
                    "security.inter.broker.protocol is "
                        + protocol
                        + ", but no listener has that name."));
  }
}
