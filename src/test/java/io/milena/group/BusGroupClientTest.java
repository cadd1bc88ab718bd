package io.milena.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.metadata.ClusterImage;
import io.milena.testing.ImageChange;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** Where groups are kept. */
class BusGroupClientTest {
  private static ClusterImage image(int partitions) {
    return ImageChange.of(ClusterImage.empty("c"))
        .topics(List.of(ImageChange.topic(GroupClient.TOPIC, Uuid.randomUuid(), partitions)))
        .image();
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
