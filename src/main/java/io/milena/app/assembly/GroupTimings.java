package io.milena.app.assembly;

import io.milena.config.BrokerLayers;
import io.milena.config.GroupConfigs;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The times in force for a group under an image: its own settings over the broker's. Every
 * heartbeat asks, so what was found is remembered until settings change. Thread-safe.
 */
final class GroupTimings implements BiFunction<ClusterImage, String, GroupTiming> {
  private final Function<ClusterImage, BrokerLayers> layers;
  private volatile Known known;

  /**
   * What was found under some settings.
   *
   * @param brokers settings of brokers, as the image holds them
   * @param groups settings of groups, as the image holds them
   * @param layers where this broker's settings are given
   * @param usual times of groups without settings of their own
   * @param own times of those with some, as far as they were asked for
   */
  private record Known(
      Map<Integer, Map<String, String>> brokers,
      Map<String, Map<String, String>> groups,
      BrokerLayers layers,
      GroupTiming usual,
      Map<String, GroupTiming> own) {
    @SuppressWarnings("ReferenceEquality") // images keep their maps as long as nothing changes
    boolean holdsFor(ClusterImage image) {
      return brokers == image.brokerConfigs() && groups == image.groupConfigs();
    }
  }

  /**
   * @param layers where this broker's settings are given under an image
   */
  GroupTimings(Function<ClusterImage, BrokerLayers> layers) {
    this.layers = layers;
  }

  @Override
  public GroupTiming apply(ClusterImage image, String groupId) {
    Known now = known;
    if (now == null || !now.holdsFor(image)) {
      now = know(image);
      known = now;
    }
    Map<String, String> settings = image.groupConfigs().get(groupId);
    if (settings == null) {
      return now.usual();
    }
    BrokerLayers broker = now.layers();
    return now.own().computeIfAbsent(groupId, any -> timing(settings, broker));
  }

  private Known know(ClusterImage image) {
    BrokerLayers broker = layers.apply(image);
    return new Known(
        image.brokerConfigs(),
        image.groupConfigs(),
        broker,
        timing(Map.of(), broker),
        new ConcurrentHashMap<>());
  }

  private static GroupTiming timing(Map<String, String> settings, BrokerLayers broker) {
    return new GroupTiming(
        GroupConfigs.effective(GroupConfigs.SESSION_TIMEOUT_MS, settings, broker),
        GroupConfigs.effective(GroupConfigs.HEARTBEAT_INTERVAL_MS, settings, broker),
        GroupConfigs.effective(GroupConfigs.ASSIGNMENT_INTERVAL_MS, settings, broker));
  }
}
