package io.milena.group.model.oracle;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataDelta;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;

/** Milena's cluster image as Kafka's coordinator wants to see it. */
public final class OracleImage implements CoordinatorMetadataImage {
  private final ClusterImage image;
  private final long version;

  /**
   * @param version rises from image to image
   */
  public OracleImage(ClusterImage image, long version) {
    this.image = image;
    this.version = version;
  }

  @Override
  public Set<Uuid> topicIds() {
    Set<Uuid> ids = new HashSet<>();
    image.topics().values().forEach(topic -> ids.add(topic.id()));
    return ids;
  }

  @Override
  public Set<String> topicNames() {
    return image.topics().keySet();
  }

  @Override
  public Optional<TopicMetadata> topicMetadata(String name) {
    return Optional.ofNullable(image.topic(name)).map(this::metadata);
  }

  @Override
  public Optional<TopicMetadata> topicMetadata(Uuid id) {
    return Optional.ofNullable(image.topic(id)).map(this::metadata);
  }

  private TopicMetadata metadata(TopicImage topic) {
    return new TopicMetadata() {
      @Override
      public String name() {
        return topic.name();
      }

      @Override
      public Uuid id() {
        return topic.id();
      }

      @Override
      public int partitionCount() {
        return topic.partitions().size();
      }

      @Override
      public List<String> partitionRacks(int partition) {
        List<String> racks = new ArrayList<>();
        for (int replica : topic.partition(partition).replicas()) {
          BrokerImage broker = image.brokers().get(replica);
          if (broker != null && broker.rack() != null) {
            racks.add(broker.rack());
          }
        }
        return racks;
      }
    };
  }

  @Override
  public CoordinatorMetadataDelta emptyDelta() {
    return CoordinatorMetadataDelta.EMPTY;
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public boolean isEmpty() {
    return image.topics().isEmpty();
  }

  /** What changed since an older image. */
  public CoordinatorMetadataDelta since(OracleImage before) {
    Set<Uuid> created = new HashSet<>(topicIds());
    created.removeAll(before.topicIds());
    Set<Uuid> deleted = new HashSet<>(before.topicIds());
    deleted.removeAll(topicIds());
    Set<Uuid> changed = new HashSet<>(topicIds());
    changed.removeIf(id -> image.topic(id).equals(before.image.topic(id)));
    return new CoordinatorMetadataDelta() {
      @Override
      public Collection<Uuid> createdTopicIds() {
        return created;
      }

      @Override
      public Collection<Uuid> changedTopicIds() {
        return changed;
      }

      @Override
      public Set<Uuid> deletedTopicIds() {
        return deleted;
      }

      @Override
      public CoordinatorMetadataImage image() {
        return before;
      }
    };
  }
}
