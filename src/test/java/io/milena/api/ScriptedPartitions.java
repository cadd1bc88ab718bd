package io.milena.api;

import io.milena.partition.PartitionMessages.Request;
import io.milena.partition.TypedPartitionClient;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Shards that answer as a test says and remember what they were asked. */
final class ScriptedPartitions extends TypedPartitionClient {
  /** A question as it reached a shard. */
  record Asked(int shard, Request request) {}

  final List<Asked> asked = new ArrayList<>();
  private final Map<Class<?>, BiFunction<Integer, Request, Future<?>>> script = new HashMap<>();
  private final int shards;

  ScriptedPartitions(int shards) {
    this.shards = shards;
  }

  /** Sets what shards answer to requests of a type. */
  @SuppressWarnings("unchecked")
  <Q extends Request> ScriptedPartitions on(
      Class<Q> type, BiFunction<Integer, Q, Future<?>> answer) {
    script.put(type, (BiFunction<Integer, Request, Future<?>>) (BiFunction<?, ?, ?>) answer);
    return this;
  }

  /** What was asked of a type, in order. */
  <Q extends Request> List<Q> asked(Class<Q> type) {
    return asked.stream().map(Asked::request).filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public int shards() {
    return shards;
  }

  /** The partition's number decides, so that a test sees at once who owns what. */
  @Override
  public int shardOf(String topic, int partition) {
    return partition % shards;
  }

  @Override
  protected Future<?> ask(int shard, Request request) {
    asked.add(new Asked(shard, request));
    BiFunction<Integer, Request, Future<?>> answer = script.get(request.getClass());
    return answer == null
        ? Future.failedFuture(new AssertionError("nobody expects " + request))
        : answer.apply(shard, request);
  }
}
