package io.milena.controller.model;

import io.milena.base.RandomSource;
import io.milena.config.TopicConfigRules;
import io.milena.controller.model.Commands.AlterConfigs;
import io.milena.controller.model.Commands.Command;
import io.milena.controller.model.Commands.CreatePartitions;
import io.milena.controller.model.Commands.CreateTopics;
import io.milena.controller.model.Commands.DeleteTopics;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ImageDigest;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All decisions of the controller: events in, {@link Plan}s out. It believes that its plans
 * succeed, so the next event is judged against what will be; when a plan fails the machine is
 * thrown away and a new one is loaded from ZooKeeper. Owned by the controller verticle; not
 * thread-safe; never waits.
 *
 * <p>Must always hold: a leader epoch rises with each change of leader (R13), the ISR is a
 * non-empty subset of the replicas and holds the leader (R12), no fenced broker is elected.
 */
public final class ControllerMachine {
  /** What one request may add to one topic; keeps a plan within memory and a deadline. */
  public static final int MAX_PARTITIONS_PER_TOPIC_REQUEST = 10_000;

  private final ControllerState state = new ControllerState();
  private final Settings settings;
  private final Elections elections;
  private final TopicCreation creation;
  private final TopicGrowth growth;
  private final TopicDeletion deletion;
  private final ConfigChanges configs;

  /**
   * @param numPartitions {@code num.partitions}
   * @param defaultReplicationFactor {@code default.replication.factor}
   * @param uncleanLeaderElection {@code unclean.leader.election.enable}
   * @param deleteTopics {@code delete.topic.enable}
   */
  public record Settings(
      int numPartitions,
      int defaultReplicationFactor,
      boolean uncleanLeaderElection,
      boolean deleteTopics) {}

  /** A machine that knows nothing yet; {@link #takeOver} comes first. */
  public ControllerMachine(Settings settings, TopicConfigRules rules, RandomSource random) {
    this.settings = settings;
    elections = new Elections(state, settings.uncleanLeaderElection());
    creation = new TopicCreation(state, settings, rules, random);
    growth = new TopicGrowth(state, creation, random);
    deletion = new TopicDeletion(state);
    configs = new ConfigChanges(state);
  }

  /** Takes what ZooKeeper holds, mends what is not as it must be (R5, R7). */
  public Plan takeOver(Loaded loaded) {
    loaded.brokers().forEach(b -> state.brokers.put(b.id(), b));
    loaded.topicConfigs().forEach((t, c) -> state.topicConfigs.put(t, Map.copyOf(c)));
    loaded.brokerConfigs().forEach((b, c) -> state.brokerConfigs.put(b, Map.copyOf(c)));
    loaded.groupConfigs().forEach((g, c) -> state.groupConfigs.put(g, Map.copyOf(c)));
    Plan plan = topicsFound(loaded.topics());
    plan.merge(deletion.marked(loaded.deletions(), settings.deleteTopics()));
    return plan;
  }

  /** Topics that ZooKeeper holds and the machine did not know. */
  public Plan topicsFound(List<Loaded.Topic> topics) {
    Plan plan = Plan.empty();
    Map<String, Set<Integer>> stale = new HashMap<>();
    for (Loaded.Topic topic : topics) {
      if (state.topics.containsKey(topic.name())
          || state.deleting.contains(topic.name())
          || topic.replicas().isEmpty()) {
        continue;
      }
      stale.put(topic.name(), adopt(topic, plan));
    }
    plan.merge(elections.takeOver(stale));
    return plan;
  }

  /** Topics whose znodes somebody removed under us. */
  public Plan topicsVanished(Collection<String> names) {
    Plan plan = Plan.empty();
    for (String name : names) {
      if (state.topics.containsKey(name)) {
        state.remove(name);
        state.topicConfigs.remove(name);
        plan.change().topicGone(name);
      }
    }
    return plan;
  }

  /** The brokers registered now. */
  public Plan registered(List<BrokerImage> brokers) {
    return elections.registered(brokers);
  }

  /** Brokers fell silent ({@code fenced}) or are heard again. */
  public Plan fence(Set<Integer> brokers, boolean fenced) {
    return elections.fence(brokers, fenced);
  }

  /** A broker wants to shut down; it may go when the plan is carried out. */
  public Plan stopping(int broker) {
    return elections.stopping(broker);
  }

  /** A client's command. */
  public Plan command(Command command) {
    if (command instanceof CreateTopics create) {
      return creation.create(create);
    } else if (command instanceof DeleteTopics delete) {
      return deletion.delete(delete);
    } else if (command instanceof CreatePartitions grow) {
      return growth.grow(grow);
    }
    return configs.alter((AlterConfigs) command);
  }

  /** Deletion markers found in ZooKeeper. */
  public Plan deletionsMarked(Collection<String> topics) {
    return deletion.marked(topics, settings.deleteTopics());
  }

  /** Deleted topics whose partitions the brokers have stopped. */
  public Plan topicsStopped(Collection<String> topics) {
    return deletion.stopped(topics);
  }

  /** Settings that a tool changed in ZooKeeper. */
  public Plan configFound(ConfigEntity entity, Map<String, String> now) {
    return configs.found(entity, now);
  }

  /** Groups whose settings znodes somebody removed under us. */
  public Plan groupConfigsVanished(Collection<String> groupIds) {
    return configs.groupsVanished(groupIds);
  }

  /** Groups that have a settings znode. */
  public Set<String> configuredGroups() {
    return new HashSet<>(state.groupConfigs.keySet());
  }

  /** The whole image. */
  public ImageChange snapshot() {
    return state.snapshot();
  }

  /** Deletions not answered yet, for the machine that replaces this one. */
  public List<DeleteTopics> unfinishedDeletions() {
    return deletion.unfinished();
  }

  /** Digest of the image as decided so far (R9). */
  public long digest() {
    return ImageDigest.of(state.brokers.values(), state.topics.values(), state.liveGroupConfigs());
  }

  /** Names of all topics, those being deleted included. */
  public Set<String> topicNames() {
    Set<String> names = new HashSet<>(state.topics.keySet());
    names.addAll(state.deleting);
    return names;
  }

  /** Topics out of the image whose znodes are still there. */
  public Set<String> deleting() {
    return Set.copyOf(state.deleting);
  }

  /** Registered brokers by id. */
  public Map<Integer, BrokerImage> brokers() {
    return Map.copyOf(state.brokers);
  }

  /** Puts a topic in place; returns the partitions decided for an earlier life of their leader. */
  private Set<Integer> adopt(Loaded.Topic topic, Plan plan) {
    Set<Integer> stale = new HashSet<>();
    List<PartitionImage> partitions = new ArrayList<>();
    for (Map.Entry<Integer, List<Integer>> entry : new TreeMap<>(topic.replicas()).entrySet()) {
      int p = entry.getKey();
      Loaded.State written = topic.states().get(p);
      if (p != partitions.size()) {
        throw new IllegalArgumentException(
            "topic " + topic.name() + " in ZooKeeper has no partition " + partitions.size());
      }
      partitions.add(partition(topic, p, entry.getValue(), written));
      BrokerImage leader = written == null ? null : state.brokers.get(written.leader());
      if (leader != null && written.writtenAt() < leader.epoch()) {
        stale.add(p);
      }
    }
    boolean noId = topic.id() == null;
    TopicImage image =
        new TopicImage(
            topic.name(),
            noId ? creation.randomId() : topic.id(),
            partitions,
            state.configsOf(topic.name()));
    if (noId) {
      plan.writes().add(new ZkWrite.UpdateTopic(image.name(), image.id(), image.partitions()));
    }
    if (topic.states().isEmpty()) {
      plan.writes().add(new ZkWrite.EnsurePartitionsParent(image.name()));
    }
    state.put(image);
    plan.change().topic(image);
    return stale;
  }

  private static PartitionImage partition(
      Loaded.Topic topic, int p, List<Integer> replicas, Loaded.State written) {
    if (written == null) {
      return TopicCreation.unwritten(p, replicas);
    }
    return new PartitionImage(
        p,
        replicas,
        written.isr(),
        written.leader(),
        written.leaderEpoch(),
        written.version(),
        topic.adding().getOrDefault(p, List.of()),
        topic.removing().getOrDefault(p, List.of()));
  }
}
