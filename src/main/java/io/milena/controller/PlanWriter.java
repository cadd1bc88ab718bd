package io.milena.controller;

import io.milena.controller.model.ConfigEntity;
import io.milena.controller.model.ZkWrite;
import io.milena.metadata.PartitionImage;
import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.EpochCheckedWrites.AtomResult;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.ConfigChangeZNode;
import io.milena.zookeeper.layout.ConfigZNode;
import io.milena.zookeeper.layout.PartitionStateZNode;
import io.milena.zookeeper.layout.Paths;
import io.milena.zookeeper.layout.TopicZNode;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns {@link ZkWrite}s into paths and JSON and writes them in order, under the check of one
 * controller epoch, in as few pipelined multis as fit. Owned by the controller's context.
 */
final class PlanWriter {
  private final ZkSession zk;
  private final EpochCheckedWrites writes;

  PlanWriter(ZkSession zk, EpochCheckedWrites writes) {
    this.zk = zk;
    this.writes = writes;
  }

  /**
   * Writes all. Fails with the first {@link ZkException}: what was written and what not is then to
   * be read again.
   */
  Future<Void> write(List<ZkWrite> plan) {
    List<List<ZkOp>> atoms = new ArrayList<>(plan.size());
    List<ZkWrite.RemoveTopic> removals = new ArrayList<>();
    List<ZkWrite.EnsurePartitionsParent> parents = new ArrayList<>();
    for (ZkWrite write : plan) {
      if (write instanceof ZkWrite.RemoveTopic removal) {
        removals.add(removal);
      } else if (write instanceof ZkWrite.EnsurePartitionsParent parent) {
        parents.add(parent);
      } else {
        atoms.add(ops(write));
      }
    }
    return ensure(parents)
        .compose(done -> atoms.isEmpty() ? Future.succeededFuture() : all(atoms))
        .compose(done -> remove(removals));
  }

  private Future<Void> all(List<List<ZkOp>> atoms) {
    return writes
        .writeAll(atoms)
        .compose(
            results -> {
              for (AtomResult result : results) {
                if (result.error() != null) {
                  return Future.failedFuture(result.error());
                }
              }
              return Future.succeededFuture();
            });
  }

  private List<ZkOp> ops(ZkWrite write) {
    if (write instanceof ZkWrite.UpdatePartition update) {
      PartitionImage p = update.partition();
      return List.of(
          ZkOp.setData(
              Paths.partitionState(update.topic(), p.partition()),
              state(p, update.recovering()),
              p.partitionEpoch() - 1));
    } else if (write instanceof ZkWrite.CreatePartition create) {
      PartitionImage p = create.partition();
      return List.of(
          ZkOp.create(Paths.partition(create.topic(), p.partition()), null),
          ZkOp.create(Paths.partitionState(create.topic(), p.partition()), state(p, false)));
    } else if (write instanceof ZkWrite.CreateTopic create) {
      return createTopic(create);
    } else if (write instanceof ZkWrite.UpdateTopic update) {
      return List.of(
          ZkOp.setData(
              Paths.topic(update.topic()),
              new TopicZNode(update.id(), assignments(update.partitions())).encode(),
              ZkOp.ANY_VERSION));
    } else if (write instanceof ZkWrite.SetConfig config) {
      return setConfig(config);
    } else if (write instanceof ZkWrite.MarkDeletion mark) {
      return List.of(ZkOp.create(Paths.deleteTopic(mark.topic()), null));
    } else if (write instanceof ZkWrite.RemoveGroupConfig removal) {
      return delete(Paths.groupConfig(removal.groupId()));
    }
    String marker = Paths.deleteTopic(((ZkWrite.RemoveMarker) write).topic());
    return List.of(ZkOp.delete(marker, ZkOp.ANY_VERSION));
  }

  private static List<ZkOp> createTopic(ZkWrite.CreateTopic create) {
    SortedMap<Integer, TopicZNode.Assignment> assignments = new TreeMap<>();
    for (int p = 0; p < create.replicas().size(); p++) {
      assignments.put(p, TopicZNode.Assignment.of(create.replicas().get(p)));
    }
    String configPath = Paths.topicConfig(create.topic());
    byte[] config = ConfigZNode.encode(create.configs());
    return List.of(
        create.configExists()
            ? ZkOp.setData(configPath, config, ZkOp.ANY_VERSION)
            : ZkOp.create(configPath, config),
        ZkOp.create(Paths.topic(create.topic()), new TopicZNode(create.id(), assignments).encode()),
        ZkOp.create(Paths.partitions(create.topic()), null));
  }

  private static List<ZkOp> setConfig(ZkWrite.SetConfig config) {
    String path = configPath(config.entity());
    byte[] data = ConfigZNode.encode(config.configs());
    ZkOp set =
        config.exists() ? ZkOp.setData(path, data, ZkOp.ANY_VERSION) : ZkOp.create(path, data);
    if (config.entity().kind() == ConfigEntity.Kind.GROUPS) {
      return List.of(set); // a Kafka that takes over would not know the kind of the notice
    }
    return List.of(
        set,
        new ZkOp.Create(
            Paths.configChangePrefix(),
            ConfigChangeZNode.encode(config.entity().path()),
            ZkOp.Mode.PERSISTENT_SEQUENTIAL));
  }

  static String configPath(ConfigEntity entity) {
    return entity.kind() == ConfigEntity.Kind.GROUPS
        ? Paths.groupConfig(entity.name())
        : Paths.config(entity.path());
  }

  private byte[] state(PartitionImage p, boolean recovering) {
    return new PartitionStateZNode(writes.epoch(), p.leader(), p.leaderEpoch(), p.isr(), recovering)
        .encode();
  }

  private static SortedMap<Integer, TopicZNode.Assignment> assignments(
      List<PartitionImage> partitions) {
    SortedMap<Integer, TopicZNode.Assignment> assignments = new TreeMap<>();
    for (PartitionImage p : partitions) {
      assignments.put(
          p.partition(),
          new TopicZNode.Assignment(p.replicas(), p.addingReplicas(), p.removingReplicas()));
    }
    return assignments;
  }

  private Future<Void> ensure(List<ZkWrite.EnsurePartitionsParent> parents) {
    List<String> paths = parents.stream().map(p -> Paths.partitions(p.topic())).toList();
    if (paths.isEmpty()) {
      return Future.succeededFuture();
    }
    return zk.findAll(paths)
        .compose(
            found -> {
              List<List<ZkOp>> atoms = new ArrayList<>();
              for (int i = 0; i < paths.size(); i++) {
                if (found.get(i).isEmpty()) {
                  atoms.add(List.of(ZkOp.create(paths.get(i), null)));
                }
              }
              return atoms.isEmpty() ? Future.succeededFuture() : all(atoms);
            });
  }

  /** Whatever is under the topics, leaves first, the deletion markers last. */
  private Future<Void> remove(List<ZkWrite.RemoveTopic> removals) {
    if (removals.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Future<List<String>>> trees = new ArrayList<>();
    for (ZkWrite.RemoveTopic removal : removals) {
      trees.add(tree(Paths.topic(removal.topic())));
    }
    List<String> singles = new ArrayList<>();
    removals.forEach(r -> singles.add(Paths.topicConfig(r.topic())));
    removals.forEach(r -> singles.add(Paths.deleteTopic(r.topic())));
    return Future.all(trees)
        .compose(read -> zk.findAll(singles))
        .compose(
            found -> {
              List<List<ZkOp>> atoms = new ArrayList<>();
              trees.forEach(t -> t.result().forEach(path -> atoms.add(delete(path))));
              for (int i = 0; i < singles.size(); i++) {
                if (found.get(i).isPresent()) {
                  atoms.add(delete(singles.get(i)));
                }
              }
              return atoms.isEmpty() ? Future.succeededFuture() : all(atoms);
            });
  }

  private static List<ZkOp> delete(String path) {
    return List.of(ZkOp.delete(path, ZkOp.ANY_VERSION));
  }

  /** All paths of a subtree, children before parents; empty when there is none. */
  private Future<List<String>> tree(String path) {
    return zk.children(path)
        .map(Optional::of)
        .recover(
            e ->
                e instanceof ZkException.NoNode
                    ? Future.succeededFuture(Optional.<List<String>>empty())
                    : Future.failedFuture(e))
        .compose(
            children -> {
              if (children.isEmpty()) {
                return Future.succeededFuture(List.of());
              }
              List<Future<List<String>>> below =
                  children.get().stream().map(c -> tree(path + "/" + c)).toList();
              return Future.all(below)
                  .map(
                      done -> {
                        List<String> all = new ArrayList<>();
                        below.forEach(b -> all.addAll(b.result()));
                        all.add(path);
                        return all;
                      });
            });
  }
}
