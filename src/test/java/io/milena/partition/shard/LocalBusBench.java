package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.bus.Codecs;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.BusMeters;
import io.milena.metrics.LogMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a request to a shard costs before the shard does anything: empty EpochEnd questions, some in
 * flight, from the shard's own event loop and from another. Run {@code main}; prints microseconds
 * of wall and CPU time per round trip.
 */
public final class LocalBusBench {
  private static final int ROUNDS = 400_000;

  private LocalBusBench() {}

  /** Asks the shard, {@code inFlight} at a time, until all rounds are done. */
  private static final class Asker extends VerticleBase {
    private final PartitionClient client;
    private final int inFlight;
    private final Promise<Void> over = Promise.promise();
    private int left = ROUNDS;
    private int open;

    private Asker(PartitionClient client, int inFlight) {
      this.client = client;
      this.inFlight = inFlight;
    }

    @Override
    public Future<?> start() {
      context.runOnContext(v -> ask());
      return Future.succeededFuture();
    }

    private void ask() {
      while (left > 0 && open < inFlight) {
        left--;
        open++;
        client.epochEnd(0, new EpochEnd(List.of())).onComplete(done -> answered(done.result()));
      }
    }

    private void answered(EpochEndReply reply) {
      open--;
      if (left == 0 && open == 0) {
        over.complete();
      } else if (reply.results().isEmpty()) {
        ask();
      }
    }
  }

  public static void main(String[] args) throws Exception {
    for (int loops = 1; loops <= 2; loops++) {
      for (int inFlight : new int[] {1, 5, 64}) {
        measure(loops, inFlight, true);
        measure(loops, inFlight, false);
      }
    }
  }

  private static void measure(int loops, int inFlight, boolean warmUp) throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops));
    Codecs.register(vertx, new BusMeters());
    Path dir = Path.of(System.getProperty("java.io.tmpdir"));
    PartitionVerticle shard =
        new PartitionVerticle(
            0,
            PartitionVerticle.Options.defaults(StorageOptions.defaults(List.of(dir), 1)),
            new PartitionVerticle.Surroundings(
                Clock.system(),
                () -> ClusterImage.empty("bench"),
                () -> {},
                new VerticleMeters("bench"),
                new LogMeters()),
            v -> new FakeShardLogs(dir));
    vertx.deployVerticle(shard).toCompletionStage().toCompletableFuture().get();
    Asker asker = new Asker(PartitionClient.create(vertx, 1, Clock.system()), inFlight);
    long cpuNs = cpuNs();
    long wallNs = Clock.system().monotonicNs();
    vertx.deployVerticle(asker);
    asker.over.future().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    if (!warmUp) {
      System.out.printf(
          "%d loop(s), %d in flight: %.2f us, %.2f us cpu%n",
          loops,
          inFlight,
          (Clock.system().monotonicNs() - wallNs) / 1e3 / ROUNDS,
          (cpuNs() - cpuNs) / 1e3 / ROUNDS);
    }
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  private static long cpuNs() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
