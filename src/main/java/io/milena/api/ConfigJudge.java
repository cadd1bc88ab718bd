package io.milena.api;

import io.milena.config.BrokerConfig;
import io.milena.config.BrokerLayers;
import io.milena.config.GroupConfigs;
import io.milena.config.Setting;
import io.milena.config.TopicConfigs;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfigCollection;

/**
 * Judges changes of settings of topics, brokers and groups, and turns them into SET and DELETE:
 * what the controller takes. Refuses by throwing an {@link ApiException} for the resource.
 * Stateless.
 */
final class ConfigJudge {
  private final ConfigContext context;

  ConfigJudge(ConfigContext context) {
    this.context = context;
  }

  /** What a resource has now and how its settings are known. */
  private record Subject(
      Map<String, String> now,
      Function<String, Setting> settings,
      Function<Map<String, String>, Optional<String>> rules) {}

  /** IncrementalAlterConfigs: each entry is an operation of its own (KIP-339). */
  AlterConfigsResource incremental(AlterConfigsResource resource) {
    refuseDoubles(resource.configs());
    Subject subject = subject(resource.resourceType(), resource.resourceName());
    Map<String, String> after = new HashMap<>(subject.now());
    Map<String, String> changes = new LinkedHashMap<>();
    for (AlterableConfig config : resource.configs()) {
      String value = valueAfter(config, subject);
      changes.put(config.name(), value);
      if (value == null) {
        after.remove(config.name());
      } else {
        after.put(config.name(), value);
      }
    }
    judge(subject, after);
    return resource(resource.resourceType(), resource.resourceName(), changes);
  }

  /** AlterConfigs: what is named is set, all else goes. */
  AlterConfigsResource whole(byte type, String name, Map<String, String> wanted) {
    Subject subject = subject(type, name);
    Map<String, String> changes = new LinkedHashMap<>();
    subject.now().keySet().forEach(old -> changes.put(old, null));
    for (Map.Entry<String, String> entry : wanted.entrySet()) {
      if (entry.getValue() == null) {
        throw new InvalidRequestException("Null value not supported for : " + entry.getKey());
      }
      changes.put(entry.getKey(), entry.getValue());
    }
    judge(subject, wanted);
    return resource(type, name, changes);
  }

  private static void judge(Subject subject, Map<String, String> after) {
    Optional<String> problem = subject.rules().apply(after);
    if (problem.isPresent()) {
      throw new InvalidConfigurationException(problem.get());
    }
  }

  private static AlterConfigsResource resource(
      byte type, String name, Map<String, String> changes) {
    AlterableConfigCollection configs = new AlterableConfigCollection();
    changes.forEach(
        (key, value) ->
            configs.add(
                new AlterableConfig()
                    .setName(key)
                    .setValue(value)
                    .setConfigOperation(value == null ? OpType.DELETE.id() : OpType.SET.id())));
    return new AlterConfigsResource()
        .setResourceType(type)
        .setResourceName(name)
        .setConfigs(configs);
  }

  private Subject subject(byte type, String name) {
    return switch (ConfigResource.Type.forId(type)) {
      case TOPIC -> topic(name);
      case BROKER -> broker(name);
      case GROUP -> group(name);
      default ->
          throw new InvalidRequestException(
              "Settings of resource type " + type + " do not exist here.");
    };
  }

  private Subject topic(String name) {
    TopicImage topic = context.image().get().topic(name);
    if (topic == null) {
      throw new UnknownTopicOrPartitionException("There is no topic '" + name + "'.");
    }
    return new Subject(topic.configs(), TopicConfigs.settings()::get, TopicConfigs::problem);
  }

  private Subject broker(String name) {
    int id = name.isEmpty() ? BrokerLayers.CLUSTER_WIDE : brokerId(name);
    Map<String, String> now = context.image().get().brokerConfigs().getOrDefault(id, Map.of());
    return new Subject(
        now,
        BrokerConfig.settings()::get,
        after -> BrokerConfig.dynamicProblem(changed(now, after), id != BrokerLayers.CLUSTER_WIDE));
  }

  /** A group need not exist to have settings. */
  private Subject group(String name) {
    if (name.isEmpty()) {
      throw new InvalidRequestException(
          "A group has to be named: settings of all groups are broker settings.");
    }
    Map<String, String> now = context.image().get().groupConfigs().getOrDefault(name, Map.of());
    return new Subject(
        now,
        GroupConfigs.settings()::get,
        after -> GroupConfigs.problem(now, after, context.layers()));
  }

  /** Without what stays as it is: Kafka may have left settings that we would not take. */
  private static Map<String, String> changed(Map<String, String> now, Map<String, String> after) {
    Map<String, String> changed = new HashMap<>(after);
    changed.entrySet().removeAll(now.entrySet());
    return changed;
  }

  private static int brokerId(String name) {
    int id = -1;
    try {
      id = Integer.parseInt(name);
    } catch (NumberFormatException e) {
      id = -1;
    }
    if (id < 0) {
      throw new InvalidRequestException("Broker id must be a number, but it is: " + name);
    }
    return id;
  }

  private static void refuseDoubles(Collection<AlterableConfig> configs) {
    Set<String> seen = new HashSet<>();
    for (AlterableConfig config : configs) {
      if (!seen.add(config.name())) {
        throw new InvalidRequestException("Duplicate config key: " + config.name());
      }
      if (config.value() == null && config.configOperation() != OpType.DELETE.id()) {
        throw new InvalidRequestException("Null value not supported for : " + config.name());
      }
    }
  }

  private static String valueAfter(AlterableConfig config, Subject subject) {
    OpType op = OpType.forId(config.configOperation());
    if (op == null) {
      throw new InvalidRequestException(
          "Unknown operation " + config.configOperation() + " on " + config.name());
    }
    return switch (op) {
      case SET -> config.value();
      case DELETE -> null;
      case APPEND, SUBTRACT -> listAfter(config, op, subject);
    };
  }

  private static String listAfter(AlterableConfig config, OpType op, Subject subject) {
    Setting setting = subject.settings().apply(config.name());
    if (setting == null || setting.key().type != Type.LIST) {
      throw new InvalidConfigurationException(
          "Config value %s is not allowed for config key: %s"
              .formatted(op == OpType.APPEND ? "append" : "subtraction", config.name()));
    }
    String now = subject.now().get(config.name());
    if (now == null) {
      now = ConfigDef.convertToString(setting.key().defaultValue, Type.LIST);
    }
    List<String> list = new ArrayList<>(words(now));
    List<String> named = words(config.value());
    if (op == OpType.SUBTRACT) {
      list.removeAll(named);
    } else {
      named.stream().filter(word -> !list.contains(word)).forEach(list::add);
    }
    return String.join(",", list);
  }

  private static List<String> words(String text) {
    if (text == null || text.isBlank()) {
      return List.of();
    }
    List<String> words = new ArrayList<>();
    for (String word : text.split(",")) {
      words.add(word.trim());
    }
    return words;
  }
}
