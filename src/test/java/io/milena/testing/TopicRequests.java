package io.milena.testing;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;

/** Requests about topics. */
public final class TopicRequests {
  private TopicRequests() {}

  /** Asks for one new topic. */
  public static CreateTopicsRequestData create(String name, int partitions, int factor) {
    CreateTopicsRequestData request = new CreateTopicsRequestData();
    request
        .topics()
        .add(
            new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) factor));
    return request;
  }
}
