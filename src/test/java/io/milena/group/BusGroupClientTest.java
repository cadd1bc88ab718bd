package io.milena.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** Where groups are kept. */
class BusGroupClientTest {
  private static ClusterImage image(int partitions) {
    List<PartitionImage> images =
        IntStream.range(0, partitions)
            .mapToObj(
                p -> new PartitionImage(p, List.of(1), List.of(1), 1, 0, 0, List.of(), List.of()))
            .toList();
    return ClusterImage.empty("c")
        .with(
            new ImageDelta(
                "c",
                1,
                1,
                0,
                false,
                List.of(),
                List.of(),
                List.of(new TopicImage(GroupClient.TOPIC, Uuid.randomUuid(), images, Map.of())),
                List.of(),
                Map.of(),
                Map.of()));
  }

  @Test
  void aGroupIsKeptWhereKafkaKeepsIt() {
    ClusterImage image = image(50);
    GroupClient client = new BusGroupClient(null, 0, 1, () -> image, Clock.system());

    for (int i = 0; i < 1_000; i++) {
      String group = "consumer-group-" + i;
      assertThat(client.partitionOf(group)).isEqualTo(Utils.abs(group.hashCode()) % 50);
    }
    String lowest = "polygenelubricants"; // its hash is Integer.MIN_VALUE
    assertThat(lowest.hashCode()).isEqualTo(Integer.MIN_VALUE);
    assertThat(client.partitionOf(lowest)).isZero();
  }

  @Test
  void withoutTheTopicAGroupIsNowhere() {
    GroupClient client =
        new BusGroupClient(null, 0, 1, () -> ClusterImage.empty("c"), Clock.system());

    assertThat(client.partitionOf("g")).isEqualTo(-1);
  }
}
