package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;

/** ListPartitionReassignments 0: partitions whose replicas are changing, from the image. */
public final class ListPartitionReassignmentsApi implements ApiHandler {
  private final Supplier<ClusterImage> image;

  public ListPartitionReassignmentsApi(Supplier<ClusterImage> image) {
    this.image = image;
  }

  @Override
  public short apiKey() {
    return SupportedApis.LIST_PARTITION_REASSIGNMENTS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ListPartitionReassignmentsRequestData data =
        request.decode(ListPartitionReassignmentsRequestData::new);
    ClusterImage now = image.get();
    List<OngoingTopicReassignment> ongoing = new ArrayList<>();
    if (data.topics() == null) {
      now.topics().values().forEach(t -> add(t, t.partitions(), ongoing));
    } else {
      for (ListPartitionReassignmentsTopics wanted : data.topics()) {
        TopicImage topic = now.topic(wanted.name());
        if (topic != null) {
          add(topic, chosen(topic, wanted.partitionIndexes()), ongoing);
        }
      }
    }
    return Future.succeededFuture(
        ApiResponse.of(new ListPartitionReassignmentsResponseData().setTopics(ongoing)));
  }

  private static List<PartitionImage> chosen(TopicImage topic, List<Integer> partitions) {
    List<PartitionImage> chosen = new ArrayList<>();
    for (int p : partitions) {
      PartitionImage partition = topic.partition(p);
      if (partition != null) {
        chosen.add(partition);
      }
    }
    return chosen;
  }

  private static void add(
      TopicImage topic, List<PartitionImage> partitions, List<OngoingTopicReassignment> ongoing) {
    List<OngoingPartitionReassignment> moving = new ArrayList<>();
    for (PartitionImage p : partitions) {
      if (!p.addingReplicas().isEmpty() || !p.removingReplicas().isEmpty()) {
        moving.add(
            new OngoingPartitionReassignment()
                .setPartitionIndex(p.partition())
                .setReplicas(p.replicas())
                .setAddingReplicas(p.addingReplicas())
                .setRemovingReplicas(p.removingReplicas()));
      }
    }
    if (!moving.isEmpty()) {
      ongoing.add(new OngoingTopicReassignment().setName(topic.name()).setPartitions(moving));
    }
  }
}
