package io.milena.controller;

import io.milena.controller.model.ConfigEntity;
import io.milena.controller.model.Loaded;
import io.milena.metadata.BrokerImage;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.ConfigZNode;
import io.milena.zookeeper.layout.PartitionStateZNode;
import io.milena.zookeeper.layout.Paths;
import io.milena.zookeeper.layout.TopicZNode;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a controller must know from ZooKeeper (R7), pipelined. Stateless. */
final class ClusterLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterLoader.class);

  private final ZkSession zk;

  ClusterLoader(ZkSession zk) {
    this.zk = zk;
  }

  /** Everything. Fails with {@link ZkException}. */
  Future<Loaded> load() {
    Future<List<BrokerImage>> brokers = brokers();
    Future<List<Loaded.Topic>> topics = childrenOrNone(Paths.TOPICS).compose(this::topics);
    Future<Map<String, Map<String, String>>> topicConfigs = configs(ConfigEntity.Kind.TOPICS);
    Future<Map<String, Map<String, String>>> brokerConfigs = configs(ConfigEntity.Kind.BROKERS);
    Future<Map<String, Map<String, String>>> groupConfigs =
        groupConfigNames().compose(this::groupConfigs);
    Future<List<String>> deletions = childrenOrNone(Paths.DELETE_TOPICS);
    return Future.all(brokers, topics, topicConfigs, brokerConfigs, groupConfigs, deletions)
        .map(
            done ->
                new Loaded(
                    brokers.result(),
                    topics.result(),
                    topicConfigs.result(),
                    byBroker(brokerConfigs.result()),
                    groupConfigs.result(),
                    new HashSet<>(deletions.result())));
  }

  /** Registered brokers; one that vanishes or is being written while we read is left out. */
  Future<List<BrokerImage>> brokers() {
    return childrenOrNone(Paths.BROKER_IDS)
        .compose(
            names -> {
              List<Integer> ids = names.stream().map(Integer::valueOf).sorted().toList();
              return zk.findAll(ids.stream().map(Paths::broker).toList())
                  .map(nodes -> brokers(ids, nodes));
            });
  }

  private static List<BrokerImage> brokers(List<Integer> ids, List<Optional<ZNode>> nodes) {
    List<BrokerImage> brokers = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      if (nodes.get(i).isPresent()) {
        ZNode node = nodes.get(i).get();
        broker(ids.get(i), node).ifPresent(brokers::add);
      }
    }
    return brokers;
  }

  private static Optional<BrokerImage> broker(int id, ZNode node) {
    try {
      BrokerZNode broker = BrokerZNode.decode(id, node.data());
      return Optional.of(
          new BrokerImage(
              id,
              node.stat().czxid(),
              broker.rack(),
              broker.endpoints(),
              false,
              broker.cleanStart()));
    } catch (ZkException.Malformed e) {
      LOG.error("Broker {} is left out: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  /** These topics; one that cannot be read is left out with an error in the log. */
  Future<List<Loaded.Topic>> topics(List<String> names) {
    return zk.findAll(names.stream().map(Paths::topic).toList())
        .compose(
            nodes -> {
              Map<String, TopicZNode> topics = new HashMap<>();
              for (int i = 0; i < names.size(); i++) {
                decode(names.get(i), nodes.get(i)).ifPresent(put(topics, names.get(i)));
              }
              return states(topics);
            });
  }

  private static java.util.function.Consumer<TopicZNode> put(
      Map<String, TopicZNode> topics, String name) {
    return topic -> topics.put(name, topic);
  }

  private static Optional<TopicZNode> decode(String name, Optional<ZNode> node) {
    try {
      Optional<TopicZNode> topic = node.map(n -> TopicZNode.decode(name, n.data()));
      if (topic.isPresent() && !consecutive(topic.get())) {
        LOG.error("Topic {} is left out: its partitions are not numbered from 0 on", name);
        return Optional.empty();
      }
      return topic;
    } catch (ZkException.Malformed e) {
      LOG.error("Topic {} is left out: {}", name, e.getMessage());
      return Optional.empty();
    }
  }

  private static boolean consecutive(TopicZNode topic) {
    int n = topic.partitions().size();
    return n > 0 && topic.partitions().firstKey() == 0 && topic.partitions().lastKey() == n - 1;
  }

  private Future<List<Loaded.Topic>> states(Map<String, TopicZNode> topics) {
    List<String> order = new ArrayList<>(topics.keySet());
    List<String> paths = new ArrayList<>();
    for (String name : order) {
      topics.get(name).partitions().keySet().forEach(p -> paths.add(Paths.partitionState(name, p)));
    }
    return zk.findAll(paths)
        .map(
            nodes -> {
              List<Loaded.Topic> loaded = new ArrayList<>(order.size());
              int at = 0;
              for (String name : order) {
                TopicZNode topic = topics.get(name);
                int end = at + topic.partitions().size();
                topic(name, topic, nodes.subList(at, end)).ifPresent(loaded::add);
                at = end;
              }
              return loaded;
            });
  }

  private static Optional<Loaded.Topic> topic(
      String name, TopicZNode topic, List<Optional<ZNode>> nodes) {
    try {
      return Optional.of(readable(name, topic, nodes));
    } catch (ZkException.Malformed e) {
      LOG.error("Topic {} is left out: {}", name, e.getMessage());
      return Optional.empty();
    }
  }

  private static Loaded.Topic readable(String name, TopicZNode topic, List<Optional<ZNode>> nodes) {
    Map<Integer, List<Integer>> replicas = new HashMap<>();
    Map<Integer, List<Integer>> adding = new HashMap<>();
    Map<Integer, List<Integer>> removing = new HashMap<>();
    Map<Integer, Loaded.State> states = new HashMap<>();
    topic
        .partitions()
        .forEach(
            (p, assignment) -> {
              replicas.put(p, assignment.replicas());
              adding.put(p, assignment.adding());
              removing.put(p, assignment.removing());
              nodes.get(p).ifPresent(node -> states.put(p, state(node)));
            });
    Uuid id = topic.topicId().equals(Uuid.ZERO_UUID) ? null : topic.topicId();
    return new Loaded.Topic(name, id, replicas, adding, removing, states);
  }

  private static Loaded.State state(ZNode node) {
    PartitionStateZNode state = PartitionStateZNode.decode(node.path(), node.data());
    return new Loaded.State(
        state.leader(),
        state.leaderEpoch(),
        state.isr(),
        node.stat().version(),
        node.stat().mzxid());
  }

  /** Settings by entity name; one that cannot be read counts as empty. */
  private Future<Map<String, Map<String, String>>> configs(ConfigEntity.Kind kind) {
    String folder = Paths.config(kind.folder());
    return childrenOrNone(folder).compose(names -> configs(names, name -> folder + "/" + name));
  }

  private Future<Map<String, Map<String, String>>> configs(
      List<String> names, UnaryOperator<String> path) {
    return zk.findAll(names.stream().map(path).toList())
        .map(
            nodes -> {
              Map<String, Map<String, String>> configs = new HashMap<>();
              for (int i = 0; i < names.size(); i++) {
                if (nodes.get(i).isPresent()) {
                  configs.put(names.get(i), config(nodes.get(i).get()));
                }
              }
              return configs;
            });
  }

  /** Groups that have a settings znode. */
  Future<List<String>> groupConfigNames() {
    return childrenOrNone(Paths.MILENA_GROUP_CONFIGS).map(ClusterLoader::groups);
  }

  private static List<String> groups(List<String> names) {
    List<String> groups = new ArrayList<>(names.size());
    for (String name : names) {
      Paths.groupOfConfig(name)
          .ifPresentOrElse(
              groups::add,
              () -> LOG.warn("Settings of a group with an odd name are ignored: {}", name));
    }
    return groups;
  }

  /** Settings of these groups by id, as far as they are there. */
  Future<Map<String, Map<String, String>>> groupConfigs(List<String> groupIds) {
    return configs(groupIds, Paths::groupConfig);
  }

  /** Settings of one entity, empty when it has none. */
  Future<Map<String, String>> config(ConfigEntity entity) {
    return zk.find(PlanWriter.configPath(entity))
        .map(node -> node.map(ClusterLoader::config).orElse(Map.of()));
  }

  /** Settings of these entities, in their order, empty for one that has none; pipelined. */
  Future<List<Map<String, String>>> configs(List<ConfigEntity> entities) {
    return zk.findAll(entities.stream().map(PlanWriter::configPath).toList())
        .map(
            nodes ->
                nodes.stream()
                    .map(node -> node.map(ClusterLoader::config).orElse(Map.of()))
                    .toList());
  }

  private static Map<String, String> config(ZNode node) {
    try {
      return ConfigZNode.decode(node.path(), node.data());
    } catch (ZkException.Malformed e) {
      LOG.error("Settings are ignored: {}", e.getMessage());
      return Map.of();
    }
  }

  private static Map<Integer, Map<String, String>> byBroker(
      Map<String, Map<String, String>> byName) {
    Map<Integer, Map<String, String>> byBroker = new HashMap<>();
    Set<String> odd = new HashSet<>();
    byName.forEach(
        (name, config) -> {
          if (name.equals(ConfigEntity.DEFAULT)) {
            byBroker.put(ConfigEntity.DEFAULT_BROKER, config);
          } else if (name.chars().allMatch(Character::isDigit) && name.length() < 10) {
            byBroker.put(Integer.valueOf(name), config);
          } else {
            odd.add(name);
          }
        });
    if (!odd.isEmpty()) {
      LOG.warn("Settings of brokers with odd names are ignored: {}", odd);
    }
    return byBroker;
  }

  /** Children of a path that may be missing. */
  Future<List<String>> childrenOrNone(String path) {
    return zk.children(path)
        .recover(
            e ->
                e instanceof ZkException.NoNode
                    ? Future.succeededFuture(List.of())
                    : Future.failedFuture(e));
  }
}
