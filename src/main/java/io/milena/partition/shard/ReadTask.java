package io.milena.partition.shard;

import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * One {@link Read} on its way: partition after partition in the order asked for, as each takes from
 * the byte budget what the ones before it left. Partitions after the budget is spent still tell
 * their offsets.
 */
final class ReadTask {
  private final Read request;
  private final Promise<Object> answer;
  private final Hosted hosted;
  private final List<PartitionReadResult> results;
  private int remainingBytes;
  private boolean minOneBatch;

  ReadTask(Read request, Promise<Object> answer, Hosted hosted) {
    this.request = request;
    this.answer = answer;
    this.hosted = hosted;
    this.results = new ArrayList<>(request.parts().size());
    this.remainingBytes = request.maxBytes();
    this.minOneBatch = request.minOneBatch();
  }

  /** Reads on; most reads complete at once, so this is a loop and seldom a callback. */
  void run() {
    while (results.size() < request.parts().size()) {
      Future<PartitionReadResult> read = read(request.parts().get(results.size()));
      if (!read.isComplete()) {
        read.onComplete(
            done -> {
              try {
                accept(done.result());
                run();
              } catch (RuntimeException | Error bug) {
                fail(bug);
                throw bug;
              }
            });
        return;
      }
      accept(read.result());
    }
    if (!answer.tryComplete(new ReadReply(results))) {
      releaseAll();
    }
  }

  private Future<PartitionReadResult> read(PartitionRead part) {
    Partition partition = hosted.find(part.topic(), part.partition());
    if (partition == null) {
      Refusal missing = hosted.missing(part.topic(), part.partition(), part.topicId());
      return Future.succeededFuture(missing.toReadResult());
    }
    PartitionReads.Budget budget =
        new PartitionReads.Budget(Math.min(part.maxBytes(), remainingBytes), minOneBatch);
    return PartitionReads.read(partition, part, request.isolation(), budget);
  }

  private void accept(PartitionReadResult result) {
    results.add(result);
    if (result.records() != null) {
      remainingBytes = Math.max(0, remainingBytes - result.records().sizeInBytes());
      minOneBatch = false;
    }
  }

  /** A bug struck: what was read already is given back, its sender is told. */
  void fail(Throwable cause) {
    releaseAll();
    answer.tryFail(cause);
  }

  private void releaseAll() {
    for (PartitionReadResult result : results) {
      if (result.records() != null) {
        result.records().release();
      }
    }
  }
}
