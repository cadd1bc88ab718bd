package io.milena.api;

import io.milena.config.BrokerLayers;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the effective settings of a topic until its image or the dynamic broker settings
 * change. Thread-safe; holds about as many entries as there are topics.
 */
public final class CachedTopicConfigs implements TopicConfigView {
  private static final int SLACK = 1024;

  private record Entry(TopicImage topic, Map<?, ?> brokerConfigs, TopicConfig config) {}

  private final TopicConfigView source;
  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();

  /**
   * @param source computes the settings, at whatever cost
   */
  public CachedTopicConfigs(TopicConfigView source) {
    this.source = source;
  }

  /**
   * The view of broker {@code brokerId}.
   *
   * @param fixed settings of file and command line, as given
   */
  public static CachedTopicConfigs of(int brokerId, Map<String, String> fixed) {
    return new CachedTopicConfigs(
        (image, topic) ->
            TopicConfigs.effective(
                fixed,
                BrokerLayers.of(brokerId, image.brokerConfigs(), fixed).dynamic(),
                topic.configs()));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // images are immutable: the same object is the same state
  public TopicConfig config(ClusterImage image, TopicImage topic) {
    Entry entry = entries.get(topic.name());
    if (entry != null && entry.topic == topic && entry.brokerConfigs == image.brokerConfigs()) {
      return entry.config;
    }
    if (entries.size() > 2 * image.topics().size() + SLACK) {
      entries.clear();
    }
    TopicConfig config = source.config(image, topic);
    entries.put(topic.name(), new Entry(topic, image.brokerConfigs(), config));
    return config;
  }
}
