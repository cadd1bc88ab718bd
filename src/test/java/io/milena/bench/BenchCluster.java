package io.milena.bench;

import io.milena.testing.TopicRequests;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** What a load needs of the cluster before it starts. */
final class BenchCluster {
  private static final long LIMIT_MS = 60_000;
  private static final long RETRY_MS = 100;

  private final RawLoop loop;
  private final RawLoop.Connection connection;

  BenchCluster(RawLoop loop, InetSocketAddress bootstrap) throws IOException {
    this.loop = loop;
    this.connection = loop.connect(bootstrap);
  }

  private <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage body)
      throws IOException {
    Object[] answer = new Object[1];
    connection.<T>send(api, (short) version, body, told -> answer[0] = told);
    loop.run(() -> answer[0] != null, LIMIT_MS, api.name);
    @SuppressWarnings("unchecked")
    T told = (T) answer[0];
    return told;
  }

  /** Creates the topic if need be, waits until all partitions are led; gives its id. */
  Uuid topic(String name, int partitions) throws IOException {
    CreateTopicsResponseData created =
        call(
            ApiKeys.CREATE_TOPICS,
            7,
            TopicRequests.create(name, partitions, 1).setTimeoutMs((int) LIMIT_MS));
    Errors error = Errors.forCode(created.topics().find(name).errorCode());
    if (error != Errors.NONE && error != Errors.TOPIC_ALREADY_EXISTS) {
      throw new IOException("topic " + name + ": " + error);
    }
    long endNs = System.nanoTime() + LIMIT_MS * 1_000_000;
    while (System.nanoTime() < endNs) {
      MetadataResponseData metadata =
          call(
              ApiKeys.METADATA,
              12,
              new MetadataRequestData()
                  .setTopics(List.of(new MetadataRequestTopic().setName(name))));
      var topic = metadata.topics().find(name);
      if (topic != null
          && topic.partitions().size() == partitions
          && topic.partitions().stream().allMatch(p -> p.errorCode() == 0)) {
        return topic.topicId();
      }
      loop.runFor(RETRY_MS);
    }
    throw new IOException("topic " + name + " has no leaders");
  }

  /** Where the group's coordinator is, once it serves. */
  InetSocketAddress coordinator(String group) throws IOException {
    Errors error = Errors.NONE;
    long endNs = System.nanoTime() + LIMIT_MS * 1_000_000;
    while (System.nanoTime() < endNs) {
      FindCoordinatorResponseData found =
          call(
              ApiKeys.FIND_COORDINATOR,
              4,
              new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group)));
      var coordinator = found.coordinators().get(0);
      error = Errors.forCode(coordinator.errorCode());
      if (error == Errors.NONE) {
        return new InetSocketAddress(coordinator.host(), coordinator.port());
      }
      loop.runFor(RETRY_MS);
    }
    throw new IOException("coordinator of " + group + ": " + error);
  }
}
