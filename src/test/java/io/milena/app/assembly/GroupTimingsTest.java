package io.milena.app.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.BrokerLayers;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import io.milena.testing.ImageChange;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The times of groups under the settings of file, brokers and groups. */
class GroupTimingsTest {
  private static final Map<String, String> FILE =
      Map.of(
          "group.consumer.session.timeout.ms", "50000",
          "group.consumer.heartbeat.interval.ms", "6000",
          "group.consumer.assignment.interval.ms", "250");

  private final GroupTimings timings =
      new GroupTimings(image -> BrokerLayers.of(1, image.brokerConfigs(), FILE));

  @Test
  void aGroupWithoutSettingsHasThoseOfTheFile() {
    assertThat(timings.apply(image(Map.of(), Map.of()), "g"))
        .isEqualTo(new GroupTiming(50_000, 6_000, 250));
  }

  @Test
  void aGroupsOwnSettingsAreForItAlone() {
    ClusterImage image =
        image(Map.of(), Map.of("g", Map.of("consumer.heartbeat.interval.ms", "9000")));

    assertThat(timings.apply(image, "g")).isEqualTo(new GroupTiming(50_000, 9_000, 250));
    assertThat(timings.apply(image, "other")).isEqualTo(new GroupTiming(50_000, 6_000, 250));
  }

  @Test
  void theNextImageCountsAtOnceWhetherBrokersOrGroupsChanged() {
    ClusterImage first =
        image(Map.of(), Map.of("g", Map.of("consumer.session.timeout.ms", "55000")));
    timings.apply(first, "g");

    ClusterImage second =
        after(
            first,
            Map.of(1, Map.of("group.consumer.assignment.interval.ms", "700")),
            Map.of("g", Map.of("consumer.session.timeout.ms", "60000")));
    assertThat(timings.apply(second, "g")).isEqualTo(new GroupTiming(60_000, 6_000, 700));

    ClusterImage third = after(second, Map.of(), Map.of("g", Map.of()));
    assertThat(timings.apply(third, "g")).isEqualTo(new GroupTiming(50_000, 6_000, 700));
  }

  private static ClusterImage image(
      Map<Integer, Map<String, String>> brokers, Map<String, Map<String, String>> groups) {
    return after(ClusterImage.empty("c"), brokers, groups);
  }

  private static ClusterImage after(
      ClusterImage before,
      Map<Integer, Map<String, String>> brokers,
      Map<String, Map<String, String>> groups) {
    return ImageChange.of(before).brokerConfigs(brokers).groupConfigs(groups).image();
  }
}
