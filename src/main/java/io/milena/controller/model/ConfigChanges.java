package io.milena.controller.model;

import io.milena.controller.model.Commands.AlterConfigs;
import io.milena.controller.model.Plan.Answer;
import io.milena.metadata.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;

/** Dynamic settings of topics, brokers and groups. Owned by {@link ControllerMachine}. */
final class ConfigChanges {
  /** Longest name of a group's settings znode; group ids themselves may be longer. */
  private static final int MAX_GROUP_NAME = 1_024;

  /** All these names together: one answer of ZooKeeper has to hold them. */
  private static final int MAX_GROUP_NAMES = 512 << 10;

  private final ControllerState state;

  ConfigChanges(ControllerState state) {
    this.state = state;
  }

  Plan alter(AlterConfigs command) {
    Plan plan = Plan.empty();
    IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
    for (AlterConfigsResource resource : command.request().resources()) {
      AlterConfigsResourceResponse result =
          new AlterConfigsResourceResponse()
              .setResourceType(resource.resourceType())
              .setResourceName(resource.resourceName());
      try {
        alterOne(resource, command.request().validateOnly(), plan);
      } catch (Refusal refusal) {
        result.setErrorCode(refusal.error().code()).setErrorMessage(refusal.getMessage());
      }
      response.responses().add(result);
    }
    plan.answers().add(new Answer(command.token(), response));
    return plan;
  }

  /** A tool changed settings in ZooKeeper; {@code configs} is what the znode holds now. */
  Plan found(ConfigEntity entity, Map<String, String> configs) {
    Plan plan = Plan.empty();
    if (entity.kind() == ConfigEntity.Kind.BROKERS) {
      int id = brokerId(entity.name().equals(ConfigEntity.DEFAULT) ? "" : entity.name());
      if (!configs.equals(state.brokerConfigs.put(id, Map.copyOf(configs)))) {
        plan.change().brokerConfig(id, configs);
      }
      return plan;
    }
    if (entity.kind() == ConfigEntity.Kind.GROUPS) {
      if (!configs.equals(state.groupConfigs.put(entity.name(), Map.copyOf(configs)))) {
        plan.change().groupConfig(entity.name(), configs);
      }
      return plan;
    }
    state.topicConfigs.put(entity.name(), Map.copyOf(configs));
    TopicImage topic = state.topics.get(entity.name());
    if (topic != null && !topic.configs().equals(configs)) {
      plan.change().topic(withConfigs(topic, configs));
    }
    return plan;
  }

  /** A tool removed the settings of groups in ZooKeeper. */
  Plan groupsVanished(Collection<String> groupIds) {
    Plan plan = Plan.empty();
    for (String groupId : groupIds) {
      if (state.groupConfigs.remove(groupId) != null) {
        plan.change().groupConfig(groupId, Map.of());
      }
    }
    return plan;
  }

  private void alterOne(AlterConfigsResource resource, boolean validateOnly, Plan plan) {
    ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
    switch (type) {
      case TOPIC -> alterTopic(resource, validateOnly, plan);
      case BROKER -> alterBroker(resource, validateOnly, plan);
      case GROUP -> alterGroup(resource, validateOnly, plan);
      default ->
          throw new Refusal(
              Errors.INVALID_REQUEST, "The controller keeps no settings of type " + type + ".");
    }
  }

  private void alterTopic(AlterConfigsResource resource, boolean validateOnly, Plan plan) {
    String name = resource.resourceName();
    TopicImage topic = state.topics.get(name);
    if (topic == null) {
      throw new Refusal(
          Errors.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + name + "' does not exist.");
    }
    Map<String, String> configs = apply(state.configsOf(name), resource);
    if (validateOnly) {
      return;
    }
    boolean exists = state.topicConfigs.put(name, configs) != null;
    plan.writes().add(new ZkWrite.SetConfig(ConfigEntity.topic(name), configs, exists));
    plan.change().topic(withConfigs(topic, configs));
  }

  private void alterBroker(AlterConfigsResource resource, boolean validateOnly, Plan plan) {
    int id = brokerId(resource.resourceName());
    Map<String, String> configs = apply(state.brokerConfigs.getOrDefault(id, Map.of()), resource);
    if (validateOnly) {
      return;
    }
    boolean exists = state.brokerConfigs.put(id, configs) != null;
    plan.writes().add(new ZkWrite.SetConfig(ConfigEntity.broker(id), configs, exists));
    plan.change().brokerConfig(id, configs);
  }

  /** A group need not exist to have settings. */
  private void alterGroup(AlterConfigsResource resource, boolean validateOnly, Plan plan) {
    String groupId = resource.resourceName();
    Map<String, String> old = state.groupConfigs.get(groupId);
    Map<String, String> configs = apply(old == null ? Map.of() : old, resource);
    if (old == null && !configs.isEmpty()) {
      requireRoomFor(groupId);
    }
    if (validateOnly || (old == null && configs.isEmpty())) {
      return;
    }
    if (configs.isEmpty()) {
      state.groupConfigs.remove(groupId);
      plan.writes().add(new ZkWrite.RemoveGroupConfig(groupId));
    } else {
      state.groupConfigs.put(groupId, configs);
      plan.writes().add(new ZkWrite.SetConfig(ConfigEntity.group(groupId), configs, old != null));
    }
    plan.change().groupConfig(groupId, configs);
  }

  /** Any name may come from any client; none of them may keep the next controller from reading. */
  private void requireRoomFor(String groupId) {
    int length = znodeNameLength(groupId);
    if (groupId.isEmpty() || length > MAX_GROUP_NAME) {
      throw new Refusal(
          Errors.INVALID_REQUEST,
          "A group with settings needs a name of 1 to %d characters, as ZooKeeper keeps it."
              .formatted(MAX_GROUP_NAME));
    }
    long taken = state.groupConfigs.keySet().stream().mapToLong(g -> znodeNameLength(g)).sum();
    if (taken + length > MAX_GROUP_NAMES) {
      throw new Refusal(
          Errors.POLICY_VIOLATION, "Too many groups have settings of their own already.");
    }
  }

  /** URL-encoded: letters, digits and a few signs stand for themselves, other bytes are %XX. */
  private static int znodeNameLength(String groupId) {
    int length = 0;
    for (byte b : groupId.getBytes(StandardCharsets.UTF_8)) {
      boolean itself = b >= 0 && (Character.isLetterOrDigit(b) || "-_.".indexOf(b) >= 0);
      length += itself ? 1 : 3;
    }
    return length;
  }

  private TopicImage withConfigs(TopicImage topic, Map<String, String> configs) {
    TopicImage changed = new TopicImage(topic.name(), topic.id(), topic.partitions(), configs);
    state.put(changed);
    return changed;
  }

  private static Map<String, String> apply(Map<String, String> old, AlterConfigsResource resource) {
    Map<String, String> configs = new HashMap<>(old);
    for (AlterableConfig config : resource.configs()) {
      OpType op = OpType.forId(config.configOperation());
      if (op == OpType.SET && config.value() != null) {
        configs.put(config.name(), config.value());
      } else if (op == OpType.DELETE) {
        configs.remove(config.name());
      } else {
        throw new Refusal(
            Errors.INVALID_REQUEST,
            "Operation " + op + " on " + config.name() + " has no meaning.");
      }
    }
    return Map.copyOf(configs);
  }

  private static int brokerId(String name) {
    if (name.isEmpty()) {
      return ConfigEntity.DEFAULT_BROKER;
    }
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      throw new Refusal(Errors.INVALID_REQUEST, "Not a broker id: " + name);
    }
  }
}
