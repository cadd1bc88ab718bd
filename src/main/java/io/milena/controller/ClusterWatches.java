package io.milena.controller;

import io.milena.base.Clock;
import io.milena.controller.model.ConfigEntity;
import io.milena.controller.model.ControllerMachine;
import io.milena.controller.model.Plan;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.client.ZkWatch;
import io.milena.zookeeper.layout.ConfigChangeZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others change in ZooKeeper under the controller: brokers come and go, tools create topics,
 * mark them for deletion, change settings, give settings to groups or take them away. Each watch is
 * only a hint to read again, in the queue of the {@link Office}; hints that wait are one. Owned by
 * the controller's context.
 */
final class ClusterWatches {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterWatches.class);

  /** Age at which a notice of changed settings is deleted, as Kafka does. */
  private static final long NOTICE_AGE_MS = 15 * 60_000L;

  private final ZkSession zk;
  private final Office office;
  private final Clock clock;
  private final List<ZkWatch> watches = new ArrayList<>();
  private final Set<String> pending = new HashSet<>();
  private Set<String> seenNotices = Set.of();
  private boolean firstNotices = true;

  ClusterWatches(ZkSession zk, Office office, Clock clock) {
    this.zk = zk;
    this.office = office;
    this.clock = clock;
  }

  /** Sets the watches; call before the office reads for the first time. */
  void open() {
    watches.add(zk.watchChildren(Paths.BROKER_IDS, n -> hint("brokers", this::brokers)));
    watches.add(zk.watchChildren(Paths.TOPICS, n -> hint("topics", this::topics)));
    watches.add(zk.watchChildren(Paths.DELETE_TOPICS, n -> hint("deletions", this::deletions)));
    watches.add(zk.watchChildren(Paths.CONFIG_CHANGES, n -> hint("notices", this::notices)));
    watches.add(zk.watchChildren(Paths.MILENA_GROUP_CONFIGS, n -> hint("groups", this::groups)));
  }

  void close() {
    watches.forEach(ZkWatch::close);
  }

  /** The registrations are to be read again. */
  void brokersChanged() {
    hint("brokers", this::brokers);
  }

  private interface Reading {
    Future<Plan> read(ControllerMachine machine);
  }

  private void hint(String what, Reading reading) {
    if (pending.add(what)) {
      office.read(
          machine -> {
            pending.remove(what);
            return reading.read(machine);
          });
    }
  }

  private Future<Plan> brokers(ControllerMachine machine) {
    return office.loader().brokers().map(machine::registered);
  }

  /** Compared while no batch is under way, so our own topics are in both lists. */
  private Future<Plan> topics(ControllerMachine machine) {
    return office
        .loader()
        .childrenOrNone(Paths.TOPICS)
        .compose(
            names -> {
              Set<String> known = machine.topicNames();
              List<String> found = names.stream().filter(n -> !known.contains(n)).toList();
              known.removeAll(new HashSet<>(names));
              Plan gone = machine.topicsVanished(known);
              return found.isEmpty()
                  ? Future.succeededFuture(gone)
                  : found(machine, found).map(plan -> merged(gone, plan));
            });
  }

  private static Plan merged(Plan first, Plan then) {
    first.merge(then);
    return first;
  }

  private Future<Plan> found(ControllerMachine machine, List<String> names) {
    List<Future<Plan>> configs = new ArrayList<>();
    for (String name : names) {
      ConfigEntity entity = ConfigEntity.topic(name);
      configs.add(
          office
              .loader()
              .config(entity)
              .map(
                  config -> config.isEmpty() ? Plan.empty() : machine.configFound(entity, config)));
    }
    return Future.all(configs)
        .compose(read -> office.loader().topics(names))
        .map(
            topics -> {
              LOG.info("Topics found in ZooKeeper: {}", names);
              return machine.topicsFound(topics);
            });
  }

  private Future<Plan> deletions(ControllerMachine machine) {
    return office.loader().childrenOrNone(Paths.DELETE_TOPICS).map(machine::deletionsMarked);
  }

  /** Groups' settings have no notices: those that came and went are seen, our own are in both. */
  private Future<Plan> groups(ControllerMachine machine) {
    return office
        .loader()
        .groupConfigNames()
        .compose(
            names -> {
              Set<String> known = machine.configuredGroups();
              List<String> found = names.stream().filter(n -> !known.contains(n)).toList();
              known.removeAll(new HashSet<>(names));
              Plan plan = machine.groupConfigsVanished(known);
              return office
                  .loader()
                  .groupConfigs(found)
                  .map(
                      configs -> {
                        configs.forEach(
                            (group, config) ->
                                plan.merge(machine.configFound(ConfigEntity.group(group), config)));
                        return plan;
                      });
            });
  }

  private Future<Plan> notices(ControllerMachine machine) {
    return office
        .loader()
        .childrenOrNone(Paths.CONFIG_CHANGES)
        .compose(
            names ->
                zk.findAll(names.stream().map(n -> Paths.CONFIG_CHANGES + "/" + n).toList())
                    .compose(nodes -> notices(machine, names, nodes)));
  }

  private Future<Plan> notices(
      ControllerMachine machine, List<String> names, List<Optional<ZNode>> nodes) {
    Set<ConfigEntity> entities = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      boolean fresh = firstNotices || !seenNotices.contains(names.get(i));
      if (fresh) {
        nodes.get(i).flatMap(ClusterWatches::entity).ifPresent(entities::add);
      }
    }
    firstNotices = false;
    seenNotices = new HashSet<>(names);
    purge(nodes);
    List<ConfigEntity> changed = List.copyOf(entities);
    return office
        .loader()
        .configs(changed)
        .map(
            configs -> {
              Plan all = Plan.empty();
              for (int i = 0; i < configs.size(); i++) {
                all.merge(machine.configFound(changed.get(i), configs.get(i)));
              }
              return all;
            });
  }

  private static Optional<ConfigEntity> entity(ZNode notice) {
    try {
      String path = ConfigChangeZNode.decode(notice.path(), notice.data());
      String[] words = path.split("/");
      if (words.length == 2 && words[0].equals(ConfigEntity.Kind.TOPICS.folder())) {
        return Optional.of(ConfigEntity.topic(words[1]));
      }
      boolean broker = words.length == 2 && words[0].equals(ConfigEntity.Kind.BROKERS.folder());
      if (broker && words[1].equals(ConfigEntity.DEFAULT)) {
        return Optional.of(ConfigEntity.broker(ConfigEntity.DEFAULT_BROKER));
      }
      return broker
          ? Optional.of(ConfigEntity.broker(Integer.parseInt(words[1])))
          : Optional.empty();
    } catch (ZkException.Malformed | NumberFormatException e) {
      LOG.warn("A notice of changed settings is ignored: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void purge(List<Optional<ZNode>> nodes) {
    long oldestMs = clock.wallMs() - NOTICE_AGE_MS;
    for (Optional<ZNode> node : nodes) {
      if (node.isPresent() && node.get().stat().ctimeMs() < oldestMs) {
        String path = node.get().path();
        zk.delete(path, -1)
            .onFailure(e -> LOG.debug("Old notice {} stays for now: {}", path, e.getMessage()));
      }
    }
  }
}
