package io.milena.group.model.consumer.topics;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;

/**
 * Notices when topics came: only then can an expression match more than it did. What it had matched
 * and is gone shows in the topics' hash.
 */
public final class ImageWatch {
  private ClusterImage seen;
  private long newTopicsVersion;

  /** A number for images that rises from one to the next, over changes of the controller too. */
  static long version(ClusterImage image) {
    return ((long) Math.max(image.controllerEpoch(), 0) << 40) + Math.max(image.number(), 0);
  }

  /**
   * The version of the first image that has the topics of this one. Goes through all topics when it
   * is another image than that of the last call and its topics differ.
   *
   * @param image never older than that of the last call
   */
  public long newTopicsVersion(ClusterImage image) {
    if (seen != image) {
      if (seen == null || (seen.topics() != image.topics() && bringsTopics(image))) {
        newTopicsVersion = version(image);
      }
      seen = image;
    }
    return newTopicsVersion;
  }

  private boolean bringsTopics(ClusterImage image) {
    for (TopicImage topic : image.topics().values()) {
      TopicImage before = seen.topic(topic.name());
      if (before == null || !before.id().equals(topic.id())) {
        return true;
      }
    }
    return false;
  }
}
