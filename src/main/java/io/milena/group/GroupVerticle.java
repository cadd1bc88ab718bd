package io.milena.group;

import io.milena.base.Clock;
import io.milena.base.Invariant;
import io.milena.base.RandomSource;
import io.milena.bus.Addresses;
import io.milena.controller.ControllerClient;
import io.milena.coordinator.CoordinatorObserver;
import io.milena.coordinator.CoordinatorRuntime;
import io.milena.coordinator.InternalLog;
import io.milena.coordinator.PartitionLogs;
import io.milena.group.GroupMessages.Ask;
import io.milena.group.GroupMessages.AskAll;
import io.milena.group.GroupMessages.Count;
import io.milena.group.GroupMessages.CreateTopic;
import io.milena.group.GroupMessages.Follow;
import io.milena.group.GroupMessages.Lead;
import io.milena.group.GroupMessages.Request;
import io.milena.group.GroupMessages.Summary;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupMachine;
import io.milena.group.model.GroupRecordCodec;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner of the group coordinators of every partition of {@code __consumer_offsets} that this
 * broker leads and that falls to this verticle: partition number modulo number of verticles. Heard
 * at the local address {@code group.<index>}; asked through {@link GroupClient} only. One event
 * loop. The first one creates the topic as well.
 */
public final class GroupVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(GroupVerticle.class);

  private final int index;
  private final GroupOptions options;
  private final Surroundings around;
  private CoordinatorRuntime<GroupRequest> runtime;
  private OffsetsTopic topic;

  /** The newest one that we were told of: what the coordinators work by. */
  private ClusterImage image;

  private VerticleMeters meters;

  /** What coordinators did that are gone. */
  private GroupMachine.Done past = GroupMachine.Done.NOTHING;

  private boolean stopped;

  /**
   * What a group verticle works with.
   *
   * @param image the newest cluster image at the start; later ones are told ({@link
   *     GroupClient#follow})
   * @param timing times of a consumer group under an image, by its id
   * @param maxMessageBytes effective {@code max.message.bytes} of the topic under an image
   * @param work reads logs and decodes them
   * @param meters of a verticle, by its index: told how long requests wait and take
   * @param halt ends the process after a broken invariant
   */
  public record Surroundings(
      PartitionClient partitions,
      ControllerClient controller,
      Supplier<ClusterImage> image,
      BiFunction<ClusterImage, String, GroupTiming> timing,
      ToIntFunction<ClusterImage> maxMessageBytes,
      CpuWork work,
      CoordinatorObserver observer,
      IntFunction<VerticleMeters> meters,
      Clock clock,
      RandomSource random,
      Runnable halt) {}

  /**
   * @param index number in {@code [0, options.verticles())}
   */
  public GroupVerticle(int index, GroupOptions options, Surroundings around) {
    this.index = index;
    this.options = options;
    this.around = around;
  }

  @Override
  public Future<?> start() {
    context.exceptionHandler(this::uncaught);
    image = around.image().get();
    meters = around.meters().apply(index);
    topic = new OffsetsTopic(options.topic(), around.controller(), around.image());
    GroupRecordCodec codec = new GroupRecordCodec();
    InternalLog log =
        new PartitionLogs(
            around.partitions(),
            new PartitionLogs.Topic(
                GroupClient.TOPIC,
                options.topic().compressionCodec(),
                () -> around.maxMessageBytes().applyAsInt(image)),
            codec,
            around.work(),
            around.clock());
    runtime = new CoordinatorRuntime<>(vertx, runtimeParts(log, codec));
    return vertx
        .eventBus()
        .<GroupEnvelope>localConsumer(Addresses.group(index), message -> hear(message.body()))
        .completion();
  }

  private CoordinatorRuntime.Parts<GroupRequest> runtimeParts(
      InternalLog log, GroupRecordCodec codec) {
    GroupLimits limits = new GroupLimits(options.caps().share(options.verticles()));
    GroupMachine.Surroundings machine =
        new GroupMachine.Surroundings(
            options.settings(),
            limits,
            () -> image,
            around.timing(),
            () -> Uuid.randomUuid().toString(),
            done -> past = past.plus(done));
    return new CoordinatorRuntime.Parts<>(
        partition -> "Group coordinator " + GroupClient.TOPIC + "-" + partition,
        partition -> new GroupMachine(machine),
        new CoordinatorRuntime.Kind<>(
            codec,
            GroupRefusals::of,
            AppendErrors::toClients,
            request -> WaitLimits.ms(request, options.commitTimeoutMs())),
        log,
        CoordinatorRuntime.Limits.of(options.commitTimeoutMs()),
        around.observer(),
        around.clock(),
        around.random(),
        around.halt());
  }

  /** Whoever waits is told to look for the coordinator elsewhere. */
  @Override
  public Future<?> stop() {
    stopped = true;
    runtime.stop();
    return Future.succeededFuture();
  }

  // ---- requests -----------------------------------------------------------------------------

  private void hear(GroupEnvelope envelope) {
    long startedNs = around.clock().monotonicNs();
    try {
      if (stopped) {
        envelope
            .answer()
            .tryFail(new IllegalStateException("group verticle " + index + " stopped"));
      } else {
        handle(envelope.request(), envelope.answer());
      }
    } catch (RuntimeException | Error bug) {
      uncaught(bug);
      envelope.answer().tryFail(bug);
    }
    meters.handled(envelope.sentNs(), startedNs, around.clock().monotonicNs());
  }

  private void handle(Request request, Promise<Object> answer) {
    if (request instanceof Ask ask) {
      runtime.ask(ask.partition(), ask.request(), answer::tryComplete);
    } else if (request instanceof AskAll all) {
      askAll(all.request()).onComplete(done -> answer.tryComplete(done.result()));
    } else if (request instanceof Follow news) {
      follow(news.image(), news.led());
      answer.tryComplete(null);
    } else if (request instanceof CreateTopic) {
      topic.ensure().onComplete(done -> answer.tryComplete(done.result()));
    } else if (request instanceof Count) {
      answer.tryComplete(count());
    } else {
      throw new IllegalArgumentException("no handler for " + request.getClass());
    }
  }

  private Future<List<ApiMessage>> askAll(GroupRequest request) {
    List<Future<ApiMessage>> answers = new ArrayList<>();
    for (int partition : runtime.partitions()) {
      Promise<ApiMessage> one = Promise.promise();
      runtime.ask(partition, request, one::tryComplete);
      answers.add(one.future());
    }
    return answers.isEmpty()
        ? Future.succeededFuture(List.of())
        : Future.all(answers).map(all -> all.list());
  }

  /**
   * What we no longer lead goes first; what stays hears what changed, e.g. that topics are gone.
   */
  private void follow(ClusterImage now, List<Lead> led) {
    ClusterImage before = image;
    image = now;
    Map<Integer, Integer> epochs = new HashMap<>();
    led.forEach(one -> epochs.put(one.partition(), one.leaderEpoch()));
    runtime.lead(epochs);
    runtime.event((machine, nowMs) -> ((GroupMachine) machine).imageChanged(before, now, nowMs));
  }

  private Summary count() {
    List<Summary> parts = new ArrayList<>();
    runtime.forEachActive(
        (partition, machine) -> {
          parts.add(Summary.of((GroupMachine) machine));
        });
    int loading = runtime.partitions().size() - parts.size();
    parts.add(
        new Summary(
            Map.of(), 0, loading, 0, past, runtime.openRequests(), runtime.unsettledSteps()));
    return Summary.sum(parts);
  }

  private void uncaught(Throwable bug) {
    if (bug instanceof Invariant.Violation) {
      LOG.error("Group verticle {} is broken and ends the process", index, bug);
      around.halt().run();
    } else {
      LOG.error("A handler of group verticle {} failed", index, bug);
    }
  }
}
