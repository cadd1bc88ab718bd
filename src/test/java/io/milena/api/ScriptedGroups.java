package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.GroupMessages.Coordinator;
import io.milena.group.GroupMessages.Summary;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Coordinators that answer as a test says and remember what they were asked. */
final class ScriptedGroups implements GroupClient {
  final List<GroupRequest> asked = new ArrayList<>();
  final List<String> found = new ArrayList<>();
  Function<GroupRequest, Future<ApiMessage>> answer =
      request -> Future.failedFuture(new AssertionError("nobody expects " + request));
  Future<List<ApiMessage>> all = Future.succeededFuture(List.of());
  Function<String, Future<Coordinator>> find =
      group -> Future.succeededFuture(new Coordinator(Errors.NONE, ApiBench.SELF));

  /** The question's body, if there was one question. */
  @SuppressWarnings("unchecked")
  <T extends ApiMessage> T body() {
    if (asked.size() != 1) {
      throw new AssertionError(asked.size() + " questions");
    }
    return (T) asked.get(0).body();
  }

  @Override
  public int partitionOf(String groupId) {
    return 0;
  }

  @Override
  public Future<Coordinator> find(String groupId) {
    found.add(groupId);
    return find.apply(groupId);
  }

  @Override
  public Future<ApiMessage> ask(GroupRequest request) {
    asked.add(request);
    return answer.apply(request);
  }

  @Override
  public Future<List<ApiMessage>> askAll(GroupRequest request) {
    asked.add(request);
    return all;
  }

  @Override
  public Future<Void> follow(ClusterImage now) {
    return Future.failedFuture(new AssertionError("nobody leads here"));
  }

  @Override
  public Future<Summary> summary() {
    return Future.failedFuture(new AssertionError("nobody counts here"));
  }
}
