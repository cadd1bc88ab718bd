package io.milena.api;

import io.milena.config.BrokerConfig;
import io.milena.config.ConfigEntry;
import io.milena.config.ConfigSource;
import io.milena.config.GroupConfigs;
import io.milena.config.TopicConfigs;
import io.milena.metadata.TopicImage;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;

/**
 * DescribeConfigs 1-4 (KIP-133, KIP-226, KIP-412, KIP-848): settings of topics, brokers, broker
 * loggers and groups with the places that gave them. Answered from the image and this broker's own
 * settings. Stateless, shared.
 */
public final class DescribeConfigsApi implements ApiHandler {
  private final ConfigContext context;

  public DescribeConfigsApi(ConfigContext context) {
    this.context = context;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_CONFIGS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeConfigsRequestData data = request.decode(DescribeConfigsRequestData::new);
    List<DescribeConfigsResult> results = new ArrayList<>(data.resources().size());
    for (DescribeConfigsResource resource : data.resources()) {
      results.add(
          describe(resource, data)
              .setResourceType(resource.resourceType())
              .setResourceName(resource.resourceName()));
    }
    return Future.succeededFuture(
        ApiResponse.of(new DescribeConfigsResponseData().setResults(results)));
  }

  private DescribeConfigsResult describe(
      DescribeConfigsResource resource, DescribeConfigsRequestData asked) {
    try {
      return new DescribeConfigsResult().setConfigs(rows(resource, entries(resource), asked));
    } catch (InvalidRequestException | UnknownTopicOrPartitionException e) {
      return new DescribeConfigsResult()
          .setErrorCode(KafkaErrors.of(e).code())
          .setErrorMessage(KafkaErrors.message(e));
    }
  }

  private List<ConfigEntry> entries(DescribeConfigsResource resource) {
    return switch (ConfigResource.Type.forId(resource.resourceType())) {
      case TOPIC -> ofTopic(resource.resourceName());
      case BROKER -> ofBroker(resource.resourceName());
      case BROKER_LOGGER -> ofLoggers(resource.resourceName());
      case GROUP -> ofGroup(resource.resourceName());
      default ->
          throw new InvalidRequestException(
              "Settings of resource type " + resource.resourceType() + " do not exist here.");
    };
  }

  private List<ConfigEntry> ofTopic(String name) {
    TopicImage topic = context.image().get().topic(name);
    if (topic == null) {
      throw new UnknownTopicOrPartitionException("There is no topic '" + name + "'.");
    }
    return TopicConfigs.describe(topic.configs(), context.layers());
  }

  /** A group that nobody knows has the settings that it would have. */
  private List<ConfigEntry> ofGroup(String name) {
    if (name.isEmpty()) {
      throw new InvalidRequestException("Group name must not be empty");
    }
    return GroupConfigs.describe(
        context.image().get().groupConfigs().getOrDefault(name, Map.of()), context.layers());
  }

  private List<ConfigEntry> ofBroker(String name) {
    if (name.isEmpty()) {
      return BrokerConfig.describeClusterWide(context.layers().dynamicDefault());
    }
    requireOwnId(name);
    return BrokerConfig.describe(context.layers());
  }

  private List<ConfigEntry> ofLoggers(String name) {
    requireOwnId(name);
    List<ConfigEntry> entries = new ArrayList<>();
    for (Map.Entry<String, String> level : context.loggers().levels().entrySet()) {
      entries.add(
          new ConfigEntry(
              level.getKey(),
              level.getValue(),
              ConfigSource.DYNAMIC_BROKER_LOGGER,
              Type.STRING,
              false,
              false,
              null,
              List.of()));
    }
    return entries;
  }

  /**
   * Only this broker knows its own file and loggers; clients send such requests to their broker.
   */
  private void requireOwnId(String name) {
    if (!name.equals(Integer.toString(context.brokerId()))) {
      throw new InvalidRequestException(
          "This is broker "
              + context.brokerId()
              + ", settings of broker '"
              + name
              + "' were asked.");
    }
  }

  private static List<DescribeConfigsResourceResult> rows(
      DescribeConfigsResource resource,
      List<ConfigEntry> entries,
      DescribeConfigsRequestData asked) {
    List<String> keys = resource.configurationKeys();
    Set<String> wanted = keys == null || keys.isEmpty() ? null : new HashSet<>(keys);
    List<DescribeConfigsResourceResult> rows = new ArrayList<>(entries.size());
    for (ConfigEntry entry : entries) {
      if (wanted == null || wanted.contains(entry.name())) {
        rows.add(row(entry, asked));
      }
    }
    return rows;
  }

  private static DescribeConfigsResourceResult row(
      ConfigEntry entry, DescribeConfigsRequestData asked) {
    DescribeConfigsResourceResult row =
        new DescribeConfigsResourceResult()
            .setName(entry.name())
            .setValue(entry.value())
            .setConfigSource(entry.source().id())
            .setReadOnly(entry.readOnly())
            .setIsSensitive(entry.sensitive())
            .setConfigType(typeId(entry.type()))
            .setDocumentation(asked.includeDocumentation() ? entry.documentation() : null);
    if (asked.includeSynonyms()) {
      for (ConfigEntry.SynonymValue synonym : entry.synonyms()) {
        row.synonyms()
            .add(
                new DescribeConfigsSynonym()
                    .setName(synonym.name())
                    .setValue(synonym.value())
                    .setSource(synonym.source().id()));
      }
    }
    return row;
  }

  /** Ids of KIP-569. */
  private static byte typeId(Type type) {
    return switch (type) {
      case BOOLEAN -> 1;
      case STRING -> 2;
      case INT -> 3;
      case SHORT -> 4;
      case LONG -> 5;
      case DOUBLE -> 6;
      case LIST -> 7;
      case CLASS -> 8;
      case PASSWORD -> 9;
    };
  }
}
