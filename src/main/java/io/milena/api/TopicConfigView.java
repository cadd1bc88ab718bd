package io.milena.api;

import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;

/** The effective settings of a topic, cheap enough for every produce request. Thread-safe. */
@FunctionalInterface
public interface TopicConfigView {
  /** Settings of {@code topic}, which belongs to {@code image}. */
  TopicConfig config(ClusterImage image, TopicImage topic);
}
