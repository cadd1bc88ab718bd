package io.milena.controller.model;

import io.milena.controller.model.Commands.AlterConfigs;
import io.milena.controller.model.Plan.Answer;
import io.milena.metadata.TopicImage;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;

/** Dynamic settings of topics and brokers. Owned by {@link ControllerMachine}. */
final class ConfigChanges {
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
    state.topicConfigs.put(entity.name(), Map.copyOf(configs));
    TopicImage topic = state.topics.get(entity.name());
    if (topic != null && !topic.configs().equals(configs)) {
      plan.change().topic(withConfigs(topic, configs));
    }
    return plan;
  }

  private void alterOne(AlterConfigsResource resource, boolean validateOnly, Plan plan) {
    ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
    switch (type) {
      case TOPIC -> alterTopic(resource, validateOnly, plan);
      case BROKER -> alterBroker(resource, validateOnly, plan);
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
