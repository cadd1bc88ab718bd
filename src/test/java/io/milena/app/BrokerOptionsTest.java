package io.milena.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.BrokerConfig;
import io.milena.group.model.consumer.GroupTiming;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrokerOptionsTest {
  @Test
  void theTimesOfConsumerGroupsAreThoseOfTheConfiguration() {
    BrokerConfig config =
        BrokerConfig.parse(
            Map.of(
                "group.consumer.session.timeout.ms", "50000",
                "group.consumer.heartbeat.interval.ms", "6000",
                "group.consumer.assignment.interval.ms", "250"));

    assertThat(GroupTiming.of(new BrokerOptions(config).groups(1).settings().consumer()))
        .isEqualTo(new GroupTiming(50_000, 6_000, 250));
  }
}
