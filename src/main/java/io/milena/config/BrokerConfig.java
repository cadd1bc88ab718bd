package io.milena.config;

import io.milena.config.ConfigEntry.SynonymValue;
import io.milena.config.Setting.Use;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * The broker's own settings: command line over file over default. Made once at start by {@link
 * #parse}, which refuses what contradicts itself or asks for what does not exist; immutable.
 * Components never see it: {@code app} gives each its own small options.
 */
public final class BrokerConfig {
  private static final SettingTable TABLE = new SettingTable("broker-settings.tsv");

  /** Settings that stand for one another, strongest first, as DescribeConfigs tells them. */
  private static final List<List<String>> SYNONYMS =
      List.of(
          List.of("log.roll.ms", "log.segment.ms", "log.roll.hours"),
          List.of("log.roll.jitter.ms", "log.roll.jitter.hours"),
          List.of("log.flush.interval.ms", "log.flush.scheduler.interval.ms"),
          List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours"),
          List.of("broker.id", "node.id"),
          List.of("log.dirs", "log.dir"));

  private final Map<String, String> given;
  private final Map<String, Object> values;
  private final List<Listener> listeners;
  private final List<Listener> advertised;
  private final String interBrokerListener;
  private final List<String> remarks;

  private BrokerConfig(Builder from) {
    this.given = Collections.unmodifiableMap(from.given);
    this.values = Collections.unmodifiableMap(from.values);
    this.listeners = List.copyOf(from.listeners);
    this.advertised = List.copyOf(from.advertised);
    this.interBrokerListener = from.interBrokerListener;
    this.remarks = List.copyOf(from.remarks);
  }

  /**
   * Parses and checks.
   *
   * @param given settings of the file with those of the command line put over them
   * @throws ConfigException with one sentence for the operator
   */
  public static BrokerConfig parse(Map<String, String> given) {
    Builder builder = new Builder(given);
    builder.parseValues();
    BrokerChecks.check(builder.given, builder.values);
    Listeners parsed =
        Listeners.parse(
            new Listeners.Raw(
                strings(builder.values, "listeners"),
                strings(builder.values, "advertised.listeners"),
                (String) builder.values.get("listener.security.protocol.map"),
                builder.given.get("inter.broker.listener.name"),
                builder.given.get("security.inter.broker.protocol")));
    builder.listeners.addAll(parsed.listeners());
    builder.advertised.addAll(parsed.advertised());
    builder.interBrokerListener = parsed.interBroker();
    return new BrokerConfig(builder);
  }

  /** All broker settings by name, in alphabetical order. */
  public static Map<String, Setting> settings() {
    return TABLE.settings();
  }

  /** What is put together while parsing. */
  private static final class Builder {
    private final Map<String, String> given;
    private final Map<String, Object> values = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Listener> advertised = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private String interBrokerListener;

    Builder(Map<String, String> given) {
      this.given = new TreeMap<>(given);
    }

    void parseValues() {
      for (Map.Entry<String, String> entry : given.entrySet()) {
        String name = entry.getKey();
        Setting setting = TABLE.get(name);
        if (setting == null) {
          BrokerChecks.refusePrefixed(name);
          remarks.add("Setting " + name + " is unknown and ignored.");
          continue;
        }
        Object value = TABLE.parse(name, entry.getValue().trim());
        boolean differs = !sameAsDefault(setting, value);
        if (setting.use() == Use.REFUSED && differs) {
          throw new ConfigException(
              "Setting " + name + " is not possible: " + setting.key().documentation);
        }
        if (setting.use() == Use.HARMLESS && differs) {
          remarks.add(
              "Setting " + name + " is known but changes nothing: " + setting.key().documentation);
        }
        values.put(name, value);
      }
      for (Setting setting : TABLE.settings().values()) {
        values.putIfAbsent(setting.name(), setting.key().defaultValue);
      }
    }

    private static boolean sameAsDefault(Setting setting, Object value) {
      Object byDefault = setting.key().defaultValue;
      boolean nothing = value == null || value.equals("") || value.equals(List.of());
      return nothing
          ? byDefault == null || byDefault.equals("") || byDefault.equals(List.of())
          : value.equals(byDefault);
    }
  }

  /** The settings as given, without defaults: what topics and DescribeConfigs take as static. */
  public Map<String, String> given() {
    return given;
  }

  /** One sentence for each listener that others can reach: plaintext, but not without a word. */
  public List<String> openListeners() {
    return listeners.stream()
        .filter(Listener::beyondLoopback)
        .map(
            l ->
                "Listener " + l + " takes plaintext, unauthenticated connections of other machines")
        .toList();
  }

  /** Sentences worth one line each in the log at start: unknown and ineffective settings. */
  public List<String> remarks() {
    return remarks;
  }

  // ---- values -------------------------------------------------------------------------------

  private Object value(String name) {
    if (TABLE.get(name) == null) {
      throw new IllegalArgumentException("no setting " + name);
    }
    return values.get(name);
  }

  public int intOf(String name) {
    return (Integer) value(name);
  }

  public long longOf(String name) {
    return ((Number) value(name)).longValue();
  }

  public Number number(String name) {
    return (Number) value(name);
  }

  /**
   * A number given elsewhere, as a value of the setting.
   *
   * @throws org.apache.kafka.common.config.ConfigException when it is none
   */
  public static Number parseNumber(String name, String value) {
    return (Number) TABLE.parse(name, value);
  }

  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  /** The text, or null when there is none. */
  public String text(String name) {
    return (String) value(name);
  }

  /** The entries of a list, trimmed. */
  public List<String> listOf(String name) {
    value(name);
    return strings(values, name);
  }

  public OptionalInt optionalInt(String name) {
    Object value = value(name);
    return value == null ? OptionalInt.empty() : OptionalInt.of((Integer) value);
  }

  public OptionalLong optionalLong(String name) {
    Object value = value(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(((Number) value).longValue());
  }

  private static List<String> strings(Map<String, Object> values, String name) {
    List<String> strings = new ArrayList<>();
    if (values.get(name) instanceof List<?> list) {
      list.forEach(s -> strings.add(((String) s).trim()));
    }
    return strings;
  }

  // ---- listeners ----------------------------------------------------------------------------

  /** Where to listen, HTTP ones included, in the order given. */
  public List<Listener> listeners() {
    return listeners;
  }

  /** The listeners that speak Kafka's protocol. */
  public List<Listener> kafkaListeners() {
    return listeners.stream().filter(l -> !l.http()).toList();
  }

  /** What clients are told; empty when {@code advertised.listeners} is not set. */
  public List<Listener> advertisedListeners() {
    return advertised;
  }

  /** Name of the listener for other brokers. */
  public String interBrokerListener() {
    return interBrokerListener;
  }

  // ---- what several settings say together ---------------------------------------------------

  /** Data directories in the order given, never empty. */
  public List<String> logDirs() {
    List<String> dirs = strings(values, "log.dirs");
    return dirs.isEmpty() ? strings(values, "log.dir") : dirs;
  }

  /** The configured broker id; empty when it is to be found or drawn. */
  public OptionalInt brokerId() {
    int id = intOf("broker.id");
    if (id < 0) {
      id = intOf("node.id");
    }
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** {@code zookeeper.connect}; empty means an embedded ZooKeeper. */
  public Optional<String> zookeeperConnect() {
    String connect = text("zookeeper.connect");
    return connect == null || connect.isBlank() ? Optional.empty() : Optional.of(connect.trim());
  }

  /** How long the start waits for ZooKeeper, in milliseconds. */
  public long zookeeperConnectionTimeoutMs() {
    return optionalLong("zookeeper.connection.timeout.ms")
        .orElse(longOf("zookeeper.session.timeout.ms"));
  }

  /** {@code group.initial.rebalance.delay.ms}, which is 0 with an embedded ZooKeeper. */
  public int groupInitialRebalanceDelayMs() {
    boolean implied =
        zookeeperConnect().isEmpty() && !given.containsKey("group.initial.rebalance.delay.ms");
    return implied ? 0 : intOf("group.initial.rebalance.delay.ms");
  }

  /** Exceptions to {@code max.connections.per.ip} by address or host name. */
  public Map<String, Integer> maxConnectionsPerIpOverrides() {
    return BrokerChecks.connectionOverrides(text("max.connections.per.ip.overrides"));
  }

  // ---- DescribeConfigs ----------------------------------------------------------------------

  /**
   * All settings of a broker with their sources, in alphabetical order.
   *
   * @param layers where its settings are given
   */
  public static List<ConfigEntry> describe(BrokerLayers layers) {
    List<ConfigEntry> entries = new ArrayList<>(TABLE.settings().size());
    for (Setting setting : TABLE.settings().values()) {
      entries.add(describe(setting, layers));
    }
    return entries;
  }

  /** The cluster-wide dynamic settings with their sources. */
  public static List<ConfigEntry> describeClusterWide(Map<String, String> dynamicDefault) {
    BrokerLayers layers = new BrokerLayers(Map.of(), dynamicDefault, Map.of());
    return new TreeMap<>(dynamicDefault)
        .keySet().stream()
            .filter(name -> TABLE.get(name) != null)
            .map(name -> describe(TABLE.get(name), layers))
            .toList();
  }

  private static ConfigEntry describe(Setting setting, BrokerLayers layers) {
    boolean secret = setting.key().type == Type.PASSWORD;
    List<SynonymValue> places = new ArrayList<>();
    List<String> names = synonymsOf(setting.name());
    layers.given(names).forEach(p -> places.add(secret ? hidden(p) : p));
    for (String name : names) {
      Object byDefault = TABLE.get(name).key().defaultValue;
      if (byDefault != null) {
        String value = ConfigDef.convertToString(byDefault, TABLE.get(name).key().type);
        places.add(new SynonymValue(name, secret ? null : value, ConfigSource.DEFAULT));
      }
    }
    Optional<SynonymValue> inForce =
        places.stream().filter(p -> p.name().equals(setting.name())).findFirst();
    return new ConfigEntry(
        setting.name(),
        inForce.map(SynonymValue::value).orElse(null),
        inForce.map(SynonymValue::source).orElse(ConfigSource.DEFAULT),
        setting.key().type,
        secret,
        setting.update() == Setting.Update.READ_ONLY,
        setting.key().documentation,
        places);
  }

  private static SynonymValue hidden(SynonymValue place) {
    return new SynonymValue(place.name(), null, place.source());
  }

  private static List<String> synonymsOf(String name) {
    for (List<String> group : SYNONYMS) {
      int at = group.indexOf(name);
      if (at >= 0) {
        return group.subList(at, group.size());
      }
    }
    return List.of(name);
  }

  /**
   * What is wrong with dynamic broker settings, as a sentence for the client; empty when nothing
   * is.
   *
   * @param configs all dynamic settings that the broker or the cluster would have
   * @param perBroker false for cluster-wide ones
   */
  public static Optional<String> dynamicProblem(Map<String, String> configs, boolean perBroker) {
    for (Map.Entry<String, String> entry : new TreeMap<>(configs).entrySet()) {
      Setting setting = TABLE.get(entry.getKey());
      if (setting == null || setting.update() == Setting.Update.READ_ONLY) {
        return Optional.of("Cannot update these configs dynamically: " + entry.getKey());
      }
      if (!perBroker && setting.update() == Setting.Update.PER_BROKER) {
        return Optional.of(
            "Cannot update these configs at default cluster level, broker id must be specified: "
                + entry.getKey());
      }
      try {
        TABLE.parse(entry.getKey(), entry.getValue());
      } catch (ConfigException e) {
        return Optional.of(e.getMessage());
      }
    }
    return Optional.empty();
  }
}
