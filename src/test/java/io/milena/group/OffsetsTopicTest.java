package io.milena.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.controller.ControllerClient;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class OffsetsTopicTest {
  private final Deque<Future<CreateTopicsResponseData>> answers = new ArrayDeque<>();
  private final OffsetsTopic topic =
      new OffsetsTopic(
          new GroupOptions.Topic(50, 3, 1 << 20, 0),
          (ControllerClient)
              Proxy.newProxyInstance(
                  ControllerClient.class.getClassLoader(),
                  new Class<?>[] {ControllerClient.class},
                  (proxy, method, args) -> answers.poll()),
          () -> ClusterImage.empty("story"));

  @Test
  void aControllerThatRefusesAtOnceIsAskedAgainByTheNextClient() {
    answers.add(Future.failedFuture(new TimeoutException("no controller")));
    CreateTopicsResponseData created = new CreateTopicsResponseData();
    created.topics().add(new CreatableTopicResult().setName(GroupClient.TOPIC));
    answers.add(Future.succeededFuture(created));

    assertThat(topic.ensure().result()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(topic.ensure().result()).isEqualTo(Errors.NONE);
    assertThat(answers).isEmpty();
  }
}
