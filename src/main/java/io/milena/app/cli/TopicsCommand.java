package io.milena.app.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code topics}: what Kafka's kafka-topics and kafka-configs do most often. */
@Command(
    name = "topics",
    description = "Creates, lists, describes, changes and deletes topics.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TopicsCommand.Create.class,
      TopicsCommand.ListAll.class,
      TopicsCommand.Describe.class,
      TopicsCommand.Alter.class,
      TopicsCommand.Delete.class
    })
final class TopicsCommand extends CommandGroup {
  private static Map<String, String> pairs(Collection<String> texts) {
    Map<String, String> pairs = new HashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("A setting is key=value, not '" + text + "'.");
      }
      pairs.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return pairs;
  }

  @Command(name = "create", description = "Creates a topic.", mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin private Connect connect;

    @Parameters(paramLabel = "TOPIC")
    private String topic;

    @Option(names = "--partitions", description = "Default: num.partitions of the broker.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(
        names = "--replication-factor",
        description = "Default: default.replication.factor of the broker.")
    private Optional<Short> replicationFactor = Optional.empty();

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "May be repeated.")
    private List<String> configs = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
      NewTopic wanted = new NewTopic(topic, partitions, replicationFactor).configs(pairs(configs));
      try (Admin admin = connect.admin()) {
        admin.createTopics(List.of(wanted)).all().get();
      }
      System.out.println("Created topic " + topic + ".");
      return 0;
    }
  }

  @Command(name = "list", description = "Lists all topics.", mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin private Connect connect;

    @Option(names = "--internal", description = "Internal topics, too.")
    private boolean internal;

    @Override
    public Integer call() throws Exception {
      try (Admin admin = connect.admin()) {
        ListTopicsOptions options = new ListTopicsOptions().listInternal(internal);
        new TreeSet<>(admin.listTopics(options).names().get()).forEach(System.out::println);
      }
      return 0;
    }
  }

  @Command(
      name = "describe",
      description = "Shows partitions, replicas and settings.",
      mixinStandardHelpOptions = true)
  static final class Describe implements Callable<Integer> {
    @Mixin private Connect connect;

    @Parameters(paramLabel = "TOPIC", arity = "0..*", description = "Default: all topics.")
    private List<String> topics = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
      try (Admin admin = connect.admin()) {
        Collection<String> names = topics.isEmpty() ? admin.listTopics().names().get() : topics;
        Map<String, TopicDescription> found =
            new TreeMap<>(admin.describeTopics(names).allTopicNames().get());
        Map<ConfigResource, Config> configs =
            admin
                .describeConfigs(
                    names.stream()
                        .map(n -> new ConfigResource(ConfigResource.Type.TOPIC, n))
                        .toList())
                .all()
                .get();
        found.forEach(
            (name, topic) ->
                print(topic, configs.get(new ConfigResource(ConfigResource.Type.TOPIC, name))));
      }
      return 0;
    }

    private static void print(TopicDescription topic, Config config) {
      String own =
          config.entries().stream()
              .filter(e -> e.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
              .map(e -> e.name() + "=" + e.value())
              .sorted()
              .collect(Collectors.joining(","));
      System.out.printf(
          "%s  id %s  partitions %d  settings %s%n",
          topic.name(), topic.topicId(), topic.partitions().size(), own.isEmpty() ? "-" : own);
      for (TopicPartitionInfo partition : topic.partitions()) {
        System.out.printf(
            "  %d  leader %s  replicas %s  in sync %s%n",
            partition.partition(),
            partition.leader() == null ? "none" : partition.leader().idString(),
            ids(partition.replicas()),
            ids(partition.isr()));
      }
    }

    private static String ids(List<Node> nodes) {
      return nodes.stream().map(Node::idString).collect(Collectors.joining(","));
    }
  }

  @Command(
      name = "alter",
      description = "Adds partitions, sets and removes settings.",
      mixinStandardHelpOptions = true)
  static final class Alter implements Callable<Integer> {
    @Mixin private Connect connect;

    @Parameters(paramLabel = "TOPIC")
    private String topic;

    @Option(names = "--partitions", description = "New number of partitions, above the old one.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "May be repeated.")
    private List<String> configs = new ArrayList<>();

    @Option(names = "--delete-config", paramLabel = "KEY", description = "May be repeated.")
    private List<String> removed = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
      List<AlterConfigOp> changes = new ArrayList<>();
      pairs(configs)
          .forEach((k, v) -> changes.add(new AlterConfigOp(new ConfigEntry(k, v), OpType.SET)));
      removed.forEach(k -> changes.add(new AlterConfigOp(new ConfigEntry(k, ""), OpType.DELETE)));
      if (partitions.isEmpty() && changes.isEmpty()) {
        throw new IllegalArgumentException("There is nothing to change.");
      }
      try (Admin admin = connect.admin()) {
        change(admin, changes);
      }
      System.out.println("Changed topic " + topic + ".");
      return 0;
    }

    private void change(Admin admin, List<AlterConfigOp> changes)
        throws InterruptedException, ExecutionException {
      if (!changes.isEmpty()) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
      }
      if (partitions.isPresent()) {
        NewPartitions wanted = NewPartitions.increaseTo(partitions.get());
        admin.createPartitions(Map.of(topic, wanted)).all().get();
      }
    }
  }

  @Command(name = "delete", description = "Deletes topics.", mixinStandardHelpOptions = true)
  static final class Delete implements Callable<Integer> {
    @Mixin private Connect connect;

    @Parameters(paramLabel = "TOPIC", arity = "1..*")
    private List<String> topics;

    @Override
    public Integer call() throws Exception {
      try (Admin admin = connect.admin()) {
        admin.deleteTopics(topics).all().get();
      }
      System.out.println("Deleted " + String.join(", ", topics) + ".");
      return 0;
    }
  }
}
