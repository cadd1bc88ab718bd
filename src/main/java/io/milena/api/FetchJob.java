package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.TopicMeters;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.storage.segment.FileSlice;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;

/**
 * One Fetch request on its way: read, wait for growth if there is too little, read again, answer.
 * Owned by the event loop of its connection.
 *
 * <p>Always holds: every slice that a shard gave is either in the answer, and released when that is
 * done, or released at once.
 */
final class FetchJob {
  /** Re-reads of one long poll over several shards, each of which brought too little. */
  private static final int MAX_ROUNDS = 8;

  private final FetchApi.Tools tools;
  private final ApiRequest request;
  private final FetchSessions sessions;
  private final FetchContext context;
  private final FetchAnswers answers;
  private final Isolation isolation;
  private final int maxBytes;
  private final long minBytes;
  private final long deadlineNs;

  /** For each position its name, or null when it is not read: then its answer stands already. */
  private final List<PartitionRead> reads = new ArrayList<>();

  /** Index of each read among the positions. */
  private int[] positionOf;

  private final List<ByShard.Group<PartitionRead>> groups;
  private final Promise<ApiResponse> done = Promise.promise();
  private long[] foundBytes;
  private int rounds;
  private long waitedNs;

  FetchJob(
      FetchApi.Tools tools,
      ClusterImage image,
      ApiRequest request,
      FetchRequestData data,
      FetchContext context) {
    this.tools = tools;
    this.request = request;
    this.sessions = request.connection().fetchSessions();
    this.context = context;
    this.isolation = isolation(data, request.apiVersion());
    this.maxBytes = Math.max(0, Math.min(data.maxBytes(), tools.options().fetchMaxBytes()));
    this.minBytes = Math.min(data.minBytes(), maxBytes);
    long waitMs = Math.max(0, Math.min(data.maxWaitMs(), tools.options().maxWaitMs()));
    this.deadlineNs = tools.clock().monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    this.answers =
        new FetchAnswers(
            request.apiVersion(), image, request.connection().listener(), context.positions());
    resolve(image);
    this.groups =
        ByShard.split(
            reads,
            tools.partitions().shards(),
            read -> tools.partitions().shardOf(read.topic(), read.partition()));
  }

  /** Starts; the first reads are sent when it returns. */
  Future<ApiResponse> run() {
    read();
    return done.future();
  }

  private static Isolation isolation(FetchRequestData data, short version) {
    int replicaId = version >= 15 ? data.replicaState().replicaId() : data.replicaId();
    if (replicaId >= 0) {
      return Isolation.LOG_END;
    }
    return data.isolationLevel() == 1 ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
  }

  /** Splits the positions into those that can be read and those whose error is known. */
  private void resolve(ClusterImage image) {
    List<FetchPosition> positions = context.positions();
    positionOf = new int[positions.size()];
    for (int i = 0; i < positions.size(); i++) {
      FetchPosition position = positions.get(i);
      FetchPosition.Key key = position.key();
      TopicImage topic =
          key.topic() != null ? image.topic(key.topic()) : image.topic(key.topicId());
      if (topic == null) {
        answers.refuse(
            i, key.topic() != null ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.UNKNOWN_TOPIC_ID);
      } else if (topic.partition(key.partition()) == null) {
        answers.refuse(i, Errors.UNKNOWN_TOPIC_OR_PARTITION);
      } else if (OldClientZstd.refuses(
          request.apiVersion(), tools.configs().config(image, topic))) {
        answers.refuse(i, Errors.UNSUPPORTED_COMPRESSION_TYPE);
      } else {
        positionOf[reads.size()] = i;
        reads.add(
            new PartitionRead(
                topic.name(),
                key.partition(),
                key.topic() != null ? null : key.topicId(),
                position.fetchOffset(),
                position.maxBytes(),
                position.currentLeaderEpoch(),
                position.lastFetchedEpoch()));
      }
    }
  }

  private void read() {
    ByShard.<PartitionRead, PartitionReadResult>gather(
            groups,
            (shard, parts) ->
                tools
                    .partitions()
                    .read(shard, new Read(parts, maxBytes, true, isolation))
                    .map(ReadReply::results),
            (part, error) ->
                new PartitionReadResult(error, -1, -1, -1, null, List.of(), -1, -1, -1, -1))
        .onSuccess(
            results -> {
              try {
                afterRead(results);
              } catch (RuntimeException | Error bug) {
                done.tryFail(bug);
                throw bug;
              }
            })
        .onFailure(done::tryFail);
  }

  private void afterRead(List<PartitionReadResult> results) {
    long[] before = foundBytes;
    long found = count(results);
    // A wait counts bytes, a read whole batches within the limits: what one shard has after a wait
    // may be a little less than min.bytes, and is answered, as Kafka does.
    boolean enough =
        found >= minBytes
            || reads.isEmpty()
            || answers.refused()
            || failedOrDiverged(results)
            || sessions.closed()
            || tools.clock().monotonicNs() - deadlineNs >= 0
            || (rounds > 0 && (groups.size() == 1 || rounds >= MAX_ROUNDS))
            || (before != null && Arrays.equals(before, foundBytes));
    if (enough) {
      answer(results);
      return;
    }
    results.forEach(FetchJob::release);
    rounds++;
    await(minBytes - found);
  }

  /** Counts what each shard found and gives the sum, not more than the answer may carry. */
  private long count(List<PartitionReadResult> results) {
    foundBytes = new long[groups.size()];
    long total = 0;
    for (int g = 0; g < foundBytes.length; g++) {
      for (int index : groups.get(g).indexes()) {
        FileSlice records = results.get(index).records();
        foundBytes[g] += records == null ? 0 : records.sizeInBytes();
      }
      total += foundBytes[g];
    }
    return total;
  }

  private static boolean failedOrDiverged(List<PartitionReadResult> results) {
    for (PartitionReadResult result : results) {
      if (result.error() != Errors.NONE || result.divergingEpoch() >= 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Waits until one shard has its share of what is missing: when all together have enough, at least
   * one of them has. The others are told not to wait any longer.
   */
  private void await(long missingBytes) {
    int count = groups.size();
    long shareBytes = (missingBytes + count - 1) / count;
    Object[] keys = new Object[count];
    Arrays.setAll(keys, g -> new Object());
    Runnable cancelAll = () -> cancel(keys, -1);
    sessions.waiting(cancelAll);
    boolean[] over = new boolean[1];
    long sinceNs = tools.clock().monotonicNs();
    for (int g = 0; g < count; g++) {
      int self = g;
      ByShard.Group<PartitionRead> group = groups.get(g);
      tools
          .partitions()
          .awaitGrowth(
              group.shard(),
              new AwaitGrowth(
                  group.parts(), foundBytes[g] + shareBytes, deadlineNs, isolation, keys[g]))
          .otherwise(stopped -> new AwaitGrowthReply(false))
          .onSuccess(
              reply -> {
                if (!over[0]) {
                  over[0] = true;
                  waitedNs += tools.clock().monotonicNs() - sinceNs;
                  sessions.waitOver(cancelAll);
                  cancel(keys, self);
                  read();
                }
              });
    }
  }

  private void cancel(Object[] keys, int except) {
    for (int g = 0; g < keys.length; g++) {
      if (g != except) {
        tools.partitions().cancelAwait(groups.get(g).shard(), new CancelAwait(keys[g]));
      }
    }
  }

  /** Takes what fits, in the order of the positions; the first records always fit. */
  private void answer(List<PartitionReadResult> results) {
    List<FileSlice> taken = new ArrayList<>(results.size());
    long usedBytes = 0;
    for (int i = 0; i < results.size(); i++) {
      PartitionReadResult result = results.get(i);
      FileSlice records = result.records();
      TopicMeters.Counts counts = tools.meters().of(reads.get(i).topic());
      counts.totalFetchRequests.increment();
      if (result.error() != Errors.NONE) {
        counts.failedFetchRequests.increment();
      }
      if (records != null) {
        long sizeBytes = records.sizeInBytes();
        boolean fits = usedBytes == 0 || usedBytes + sizeBytes <= maxBytes;
        if (fits && !sessions.closed()) {
          usedBytes += sizeBytes;
          taken.add(records);
          counts.bytesOut.add(sizeBytes);
        } else {
          records.release();
          records = null;
        }
      }
      answers.put(positionOf[i], reads.get(i).topic(), result, records);
    }
    OldClientZstd.check(request.apiVersion(), answers.all(), tools.cpu())
        .onComplete(checked -> finish(checked, taken));
  }

  private void finish(AsyncResult<?> checked, List<FileSlice> taken) {
    Runnable releaseAll = () -> taken.forEach(FileSlice::release);
    if (checked.failed()) {
      releaseAll.run();
      done.fail(checked.cause());
      return;
    }
    done.complete(
        ApiResponse.of(answers.addEndpoints(context.respond(answers.all())), releaseAll, waitedNs));
  }

  private static void release(PartitionReadResult result) {
    if (result.records() != null) {
      result.records().release();
    }
  }
}
