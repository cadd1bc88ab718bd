package io.milena.partition.shard;

import io.milena.base.Invariant;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AppendReply;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.replication.Deadlines.Due;
import io.vertx.core.Promise;
import java.util.Arrays;
import org.apache.kafka.common.protocol.Errors;

/**
 * One {@link Append} on its way: collects the results of its partitions and answers when the last
 * one is there. Only parts that wait for the high watermark have a deadline.
 */
final class AppendTask {
  private final Append request;
  private final Promise<Object> answer;
  private final Alarms alarms;
  private final PartitionAppendResult[] results;
  private final AppendToken[] parked;
  private final long sizeBytes;
  private int open;
  private Due due;

  AppendTask(Append request, Promise<Object> answer, Alarms alarms) {
    this.request = request;
    this.answer = answer;
    this.alarms = alarms;
    this.open = request.parts().size();
    this.results = new PartitionAppendResult[open];
    this.parked = request.acks() == AppendToken.ACKS_ALL ? new AppendToken[open] : null;
    long bytes = 0;
    for (PartitionAppend part : request.parts()) {
      bytes += part.records().readableBytes();
    }
    this.sizeBytes = bytes;
  }

  Append request() {
    return request;
  }

  PartitionAppend part(int index) {
    return request.parts().get(index);
  }

  int parts() {
    return results.length;
  }

  /** Bytes of all parts when the request came. */
  long sizeBytes() {
    return sizeBytes;
  }

  /** The result of one part; the last one answers the request. */
  void settle(int index, PartitionAppendResult result) {
    Invariant.check(results[index] == null, "part %d answered twice: %s", index, result);
    results[index] = result;
    open--;
    if (open == 0) {
      answer();
    }
  }

  /** True when the part has its result. */
  boolean settled(int index) {
    return results[index] != null;
  }

  /** Nothing was asked for. */
  void answerIfEmpty() {
    if (results.length == 0) {
      answer();
    }
  }

  private void answer() {
    if (due != null) {
      alarms.cancel(due);
    }
    answer.tryComplete(new AppendReply(Arrays.asList(results)));
  }

  /** The part waits for the high watermark, at most until the deadline of the request. */
  void park(AppendToken token) {
    parked[token.index()] = token;
    if (due == null) {
      due = alarms.at(request.deadlineNs(), this::timeOut);
    }
  }

  private void timeOut() {
    due = null;
    for (int index = 0; index < parked.length; index++) {
      if (parked[index] != null && results[index] == null) {
        parked[index].giveUp(Errors.REQUEST_TIMED_OUT);
      }
    }
  }

  /** A bug struck while the request was handled: its sender is told, once. */
  void fail(Throwable cause) {
    answer.tryFail(cause);
  }
}
