package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.base.Invariant;
import io.milena.bus.Addresses;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.LogMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.ContinueCleaning;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.Envelope;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.FindCleanable;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.Measure;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.Request;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.SwapSegments;
import io.milena.storage.LogStore;
import io.milena.storage.OpenedLog;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner of every partition that hashes to this shard: logs, replica state and everybody who
 * waits for them, on one event loop. Heard at the local address {@code partition.<shard>}; asked
 * through {@link PartitionClient} only. Deploy one instance per shard, each with its own number.
 */
public final class PartitionVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionVerticle.class);

  private final int shard;
  private final Options options;
  private final Surroundings surroundings;
  private final Function<Vertx, ShardLogs> storage;

  private Alarms alarms;
  private ShardLogs logs;
  private Hosted hosted;
  private GrowthWaits growthWaits;
  private StagedBudget budget;
  private Orders orders;
  private OffsetAnswers offsets;
  private AdminAnswers admin;
  private Housekeeping housekeeping;
  private Cleanings cleanings;
  private boolean stopped;

  /**
   * @param shard number in {@code [0, shards)}
   * @param options settings of the broker that concern shards
   * @param directories attached to the Vert.x instance on which this is deployed
   * @param surroundings clock, image and the way to end the process
   */
  public PartitionVerticle(
      int shard, Options options, LogDirectories directories, Surroundings surroundings) {
    this(
        shard,
        options,
        surroundings,
        vertx ->
            ShardLogs.of(
                new LogStore(
                    vertx,
                    directories,
                    options.storage(),
                    surroundings.clock(),
                    surroundings.logMeters())));
  }

  PartitionVerticle(
      int shard, Options options, Surroundings surroundings, Function<Vertx, ShardLogs> storage) {
    this.shard = shard;
    this.options = options;
    this.surroundings = surroundings;
    this.storage = storage;
  }

  @Override
  public Future<?> start() {
    Clock clock = surroundings.clock();
    context.exceptionHandler(this::uncaught);
    alarms = new Alarms(vertx, clock);
    logs = storage.apply(vertx);
    hosted = new Hosted(surroundings.image());
    growthWaits = new GrowthWaits(hosted, alarms);
    budget = new StagedBudget(options.stagedMaxBytes(), this::append);
    orders = new Orders(logs, hosted, growthWaits, this::newPartition);
    offsets = new OffsetAnswers(hosted);
    admin = new AdminAnswers(hosted, growthWaits);
    housekeeping = new Housekeeping(vertx, clock, hosted, logs, growthWaits);
    housekeeping.start(options);
    cleanings = new Cleanings(hosted, clock);
    logs.onDirectoryFailure(this::directoryFailed);
    return vertx
        .eventBus()
        .<Envelope>localConsumer(Addresses.partition(shard), message -> hear(message.body()))
        .completion();
  }

  private Partition newPartition(OpenedLog opened) {
    Partition partition =
        new Partition(opened.log(), opened.checkpointedHighWatermark(), budget, growthWaits::grown);
    return opened.damaged() ? partition.damaged() : partition;
  }

  /**
   * Answers whoever waits, lets the writes under way end, then closes every log clean. Requests
   * that still come fail.
   */
  @Override
  public Future<?> stop() {
    stopped = true;
    housekeeping.stop();
    alarms.stop();
    budget.drain(this::refuse);
    growthWaits.stop();
    for (Partition partition : hosted.all()) {
      partition.stop(Refusal.notLeader(partition.image()));
    }
    housekeeping.handOverHighWatermarks();
    return logs.close(true);
  }

  // ---- requests -----------------------------------------------------------------------------

  /** The top handler: whatever is thrown below ends here, and the sender gets an answer. */
  private void hear(Envelope envelope) {
    long startedNs = surroundings.clock().monotonicNs();
    try {
      if (stopped) {
        refuse(envelope);
      } else {
        handle(envelope.request(), envelope.answer());
      }
    } catch (RuntimeException | Error bug) {
      uncaught(bug);
      envelope.answer().tryFail(bug);
    }
    surroundings.meters().handled(envelope.sentNs(), startedNs, surroundings.clock().monotonicNs());
  }

  private void handle(Request request, Promise<Object> answer) {
    if (request instanceof Append append) {
      submit(new AppendTask(append, answer, alarms));
    } else if (request instanceof Read read) {
      read(new ReadTask(read, answer, hosted));
    } else if (request instanceof AwaitGrowth await) {
      growthWaits.await(await, answer);
    } else if (request instanceof CancelAwait cancel) {
      growthWaits.cancel(cancel);
      answer.tryComplete(Done.DONE);
    } else if (request instanceof ListOffsets ask) {
      offsets.listOffsets(ask).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof EpochEnd ask) {
      answer.tryComplete(offsets.epochEnd(ask));
    } else {
      handleRare(request, answer);
    }
  }

  private void handleRare(Request request, Promise<Object> answer) {
    if (request instanceof Become order) {
      orders.become(order).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof Stop order) {
      orders.stop(order).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof Configure order) {
      orders.configure(order);
      answer.tryComplete(Done.DONE);
    } else if (request instanceof DeleteRecords ask) {
      admin.deleteRecords(ask).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof DescribeProducers ask) {
      answer.tryComplete(admin.describeProducers(ask));
    } else if (request instanceof DescribeLogs ask) {
      answer.tryComplete(admin.describeLogs(ask));
    } else if (request == Measure.ALL) {
      answer.tryComplete(admin.measure(budget));
    } else {
      handleCleaning(request, answer);
    }
  }

  private void handleCleaning(Request request, Promise<Object> answer) {
    if (request instanceof FindCleanable) {
      cleanings.find().onComplete(reply -> answer(answer, reply));
    } else if (request instanceof BeginCleaning ask) {
      cleanings.begin(ask).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof ContinueCleaning ask) {
      answer.tryComplete(cleanings.goOn(ask));
    } else if (request instanceof SwapSegments ask) {
      cleanings.swap(ask).onComplete(reply -> answer(answer, reply));
    } else if (request instanceof EndCleaning ask) {
      cleanings.end(ask).onComplete(reply -> answer(answer, reply));
    } else {
      throw new IllegalArgumentException("no handler for " + request.getClass());
    }
  }

  private void answer(Promise<Object> answer, AsyncResult<?> reply) {
    if (reply.succeeded()) {
      answer.tryComplete(reply.result());
    } else {
      uncaught(reply.cause());
      answer.tryFail(reply.cause());
    }
  }

  private void read(ReadTask task) {
    try {
      task.run();
    } catch (RuntimeException | Error bug) {
      task.fail(bug);
      uncaught(bug);
    }
  }

  private void submit(AppendTask task) {
    task.answerIfEmpty();
    if (!budget.submit(task)) {
      refuse(task);
    }
  }

  /** Begins an admitted task; each part gives its bytes back to the budget on its own. */
  private void append(AppendTask task) {
    for (int index = 0; index < task.parts(); index++) {
      PartitionAppend part = task.part(index);
      Partition partition = hosted.find(part.topic(), part.partition());
      if (partition == null || stopped) {
        int bytes = part.records().readableBytes();
        part.records().release();
        task.settle(
            index,
            hosted.missing(part.topic(), part.partition(), part.topicId()).toAppendResult(-1));
        budget.release(bytes);
        continue;
      }
      try {
        partition.appends().append(task, index);
      } catch (RuntimeException | Error bug) {
        uncaught(bug);
        if (!task.settled(index)) {
          task.settle(index, Refusal.of(Errors.UNKNOWN_SERVER_ERROR).toAppendResult(-1));
        }
      }
    }
  }

  /** The task never began: its buffers go, its sender may try again. */
  private void refuse(AppendTask task) {
    for (int index = 0; index < task.parts(); index++) {
      task.part(index).records().release();
      task.settle(index, Refusal.of(Errors.KAFKA_STORAGE_ERROR).toAppendResult(-1));
    }
  }

  private void refuse(Envelope envelope) {
    if (envelope.request() instanceof Append append) {
      append.parts().forEach(part -> part.records().release());
    }
    envelope.answer().tryFail(new IllegalStateException("partition shard " + shard + " stopped"));
  }

  // ---- failures -----------------------------------------------------------------------------

  private void directoryFailed(LogDirectory directory) {
    long here = hosted.all().stream().filter(p -> p.log().directory() == directory).count();
    LOG.error("{} is offline: {} partitions of shard {} refuse appends", directory, here, shard);
  }

  private void uncaught(Throwable bug) {
    if (bug instanceof Invariant.Violation) {
      LOG.error("shard {} is broken and ends the process; {}", shard, hosted.all(), bug);
      surroundings.halt().run();
    } else {
      LOG.error("a handler of shard {} failed", shard, bug);
    }
  }

  /**
   * @param storage what storage was told; the shard makes its own {@code LogStore} with it. Its
   *     {@code highWatermarkCheckpointMs} is also the interval at which the shard hands its high
   *     watermarks over
   * @param stagedMaxBytes {@code milena.partition.staged.max.bytes}
   * @param retentionCheckMs {@code log.retention.check.interval.ms}
   * @param producerExpiryCheckMs {@code producer.id.expiration.check.interval.ms}
   * @param flushSchedulerMs {@code log.flush.scheduler.interval.ms}: how often logs are looked at
   *     for {@code flush.ms}; at least once a second where a topic sets {@code flush.ms}
   */
  public record Options(
      StorageOptions storage,
      long stagedMaxBytes,
      long retentionCheckMs,
      long producerExpiryCheckMs,
      long flushSchedulerMs) {
    /** Kafka's defaults, and 64 MiB staged. */
    public static Options defaults(StorageOptions storage) {
      return new Options(storage, 64L << 20, 300_000, 600_000, Long.MAX_VALUE);
    }
  }

  /**
   * @param clock both clocks
   * @param image the newest cluster image, to tell "not here" from "nowhere"
   * @param halt ends the process at once after a broken invariant
   * @param meters told how long each request waited and took
   * @param logMeters told what the logs do
   */
  public record Surroundings(
      Clock clock,
      Supplier<ClusterImage> image,
      Runnable halt,
      VerticleMeters meters,
      LogMeters logMeters) {}
}
