package io.milena.group.model.consumer;

import io.milena.group.model.GroupTable;
import io.milena.group.model.assignor.PartitionAssignor;
import io.milena.group.model.assignor.UniformAssignor;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.group.model.consumer.timing.HeartbeatPace;
import io.milena.group.model.consumer.topics.ImageWatch;
import io.milena.group.model.consumer.topics.TopicHashes;
import io.milena.metadata.ClusterImage;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What all steps of the consumer groups of a partition share. Of the owner's thread. */
final class Core {
  private final GroupTable table;
  private final ConsumerSetup setup;
  private final TopicHashes hashes = new TopicHashes();
  private final ImageWatch images = new ImageWatch();
  private final Waiting waiting = new Waiting();
  private final HeartbeatPace pace;

  Core(GroupTable table, ConsumerSetup setup) {
    this.table = table;
    this.setup = setup;
    this.pace = new HeartbeatPace(setup.quickHeartbeats());
  }

  GroupTable table() {
    return table;
  }

  ConsumerSetup setup() {
    return setup;
  }

  ClusterImage image() {
    return setup.image().get();
  }

  GroupTiming timing(String groupId) {
    return setup.timing().apply(groupId);
  }

  TopicHashes hashes() {
    return hashes;
  }

  ImageWatch images() {
    return images;
  }

  Waiting waiting() {
    return waiting;
  }

  HeartbeatPace pace() {
    return pace;
  }

  /** The consumer group, or null when there is none of that id. */
  ConsumerGroup find(String groupId) {
    return table.find(groupId) instanceof ConsumerGroup group ? group : null;
  }

  /** The consumer group; GROUP_ID_NOT_FOUND when there is none of that id. */
  ConsumerGroup get(String groupId) {
    ConsumerGroup group = find(groupId);
    if (group == null) {
      throw new Refused(Errors.GROUP_ID_NOT_FOUND, "There is no consumer group " + groupId + ".");
    }
    return group;
  }

  /** Name of the assignor when no member asks for one. */
  String defaultAssignor() {
    List<String> assignors = setup.settings().consumer().assignors();
    return assignors.isEmpty() ? UniformAssignor.NAME : assignors.get(0);
  }

  /** An assignor that a record names and this version does not know is the uniform one. */
  PartitionAssignor assignor(String name) {
    PartitionAssignor assignor = PartitionAssignor.of(name);
    return assignor == null ? new UniformAssignor() : assignor;
  }
}
