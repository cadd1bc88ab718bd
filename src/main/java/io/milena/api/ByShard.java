package io.milena.api;

import io.milena.base.Invariant;
import io.milena.protocol.KafkaErrors;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splits the parts of a request over the shards that own them, asks each shard once and puts the
 * results back in the order of the parts. All messages are sent before a method returns. A shard
 * that does not answer (stopped, bug) gives its parts an error and never fails the whole; only a
 * broken invariant does.
 */
final class ByShard {
  private static final Logger LOG = LoggerFactory.getLogger(ByShard.class);

  private ByShard() {}

  /** Asks one shard; the results are in the order of the parts. */
  @FunctionalInterface
  interface Ask<P, R> {
    Future<List<R>> ask(int shard, List<P> parts);
  }

  /** The parts of one shard and where each stands in the whole. */
  record Group<P>(int shard, List<P> parts, int[] indexes) {}

  /** Groups by owner, keeping the order of the parts within each group. */
  static <P> List<Group<P>> split(List<P> parts, int shards, ToIntFunction<P> shardOf) {
    int count = parts.size();
    if (count == 0) {
      return List.of();
    }
    int[] owners = new int[count];
    int[] sizes = new int[shards];
    for (int i = 0; i < count; i++) {
      owners[i] = shardOf.applyAsInt(parts.get(i));
      sizes[owners[i]]++;
    }
    if (sizes[owners[0]] == count) {
      int[] indexes = new int[count];
      Arrays.setAll(indexes, i -> i);
      return List.of(new Group<>(owners[0], parts, indexes));
    }
    return grouped(parts, owners, sizes);
  }

  private static <P> List<Group<P>> grouped(List<P> parts, int[] owners, int[] sizes) {
    List<Group<P>> groups = new ArrayList<>();
    for (int shard = 0; shard < sizes.length; shard++) {
      if (sizes[shard] == 0) {
        continue;
      }
      List<P> own = new ArrayList<>(sizes[shard]);
      int[] indexes = new int[sizes[shard]];
      for (int i = 0; i < owners.length; i++) {
        if (owners[i] == shard) {
          indexes[own.size()] = i;
          own.add(parts.get(i));
        }
      }
      groups.add(new Group<>(shard, own, indexes));
    }
    return groups;
  }

  /**
   * Asks all owners.
   *
   * @param failure the result of a part whose shard did not answer
   */
  static <P, R> Future<List<R>> gather(
      List<Group<P>> groups, Ask<P, R> ask, BiFunction<P, Errors, R> failure) {
    if (groups.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    if (groups.size() == 1) {
      return one(groups.get(0), ask, failure);
    }
    int count = 0;
    for (Group<P> group : groups) {
      count += group.parts().size();
    }
    Gathering<R> gathering = new Gathering<>(count, groups.size());
    for (Group<P> group : groups) {
      one(group, ask, failure)
          .onSuccess(results -> gathering.take(group.indexes(), results))
          .onFailure(gathering.done::tryFail);
    }
    return gathering.done.future();
  }

  private static <P, R> Future<List<R>> one(
      Group<P> group, Ask<P, R> ask, BiFunction<P, Errors, R> failure) {
    return ask.ask(group.shard(), group.parts())
        .transform(
            answer -> {
              if (answer.succeeded()) {
                List<R> results = answer.result();
                Invariant.check(
                    results.size() == group.parts().size(),
                    "shard %s gave %s results for %s parts",
                    group.shard(),
                    results.size(),
                    group.parts().size());
                return Future.succeededFuture(results);
              }
              Errors error = errorOf(group.shard(), answer.cause());
              List<R> results = new ArrayList<>(group.parts().size());
              group.parts().forEach(part -> results.add(failure.apply(part, error)));
              return Future.succeededFuture(results);
            });
  }

  private static Errors errorOf(int shard, Throwable cause) {
    if (!KafkaErrors.expected(cause)) {
      LOG.error("Partition shard {} did not answer", shard, cause);
    }
    return KafkaErrors.of(cause);
  }

  /** Collects on the one event loop on which all answers arrive. */
  private static final class Gathering<R> {
    private final Promise<List<R>> done = Promise.promise();
    private final List<R> results;
    private int missing;

    Gathering(int count, int groups) {
      results = new ArrayList<>(java.util.Collections.nCopies(count, null));
      missing = groups;
    }

    void take(int[] indexes, List<R> own) {
      for (int i = 0; i < indexes.length; i++) {
        results.set(indexes[i], own.get(i));
      }
      if (--missing == 0) {
        done.tryComplete(results);
      }
    }
  }
}
