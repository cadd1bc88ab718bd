package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.log.compaction.BatchCleaner.LastOfProducer;
import io.milena.log.compaction.CompactionPlan;
import io.milena.log.compaction.CompactionPlan.Dirt;
import io.milena.log.producer.ProducerState;
import io.milena.log.producer.ProducerState.Batch;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.BeginCleaningReply;
import io.milena.partition.PartitionMessages.CleanablePartition;
import io.milena.partition.PartitionMessages.CleaningClaim;
import io.milena.partition.PartitionMessages.CleaningEnd;
import io.milena.partition.PartitionMessages.CleaningOrder;
import io.milena.partition.PartitionMessages.ContinueCleaning;
import io.milena.partition.PartitionMessages.ContinueCleaningReply;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.FindCleanableReply;
import io.milena.partition.PartitionMessages.SetAside;
import io.milena.partition.PartitionMessages.SwapSegments;
import io.milena.partition.PartitionMessages.SwapSegmentsReply;
import io.milena.storage.LogCompaction;
import io.milena.storage.PartitionLog;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard tells the cleaners and lets them do. Cleaners read and write files; the shard says
 * which, and lets the outcome in only while the partition is what it was when the cleaning began.
 * Owned by the shard's event loop.
 *
 * <p>Always holds: at most one claim per partition, kept until its cleaner says that it has ended,
 * also when it is long silent or the partition was stopped: a cleaner that comes back must not find
 * another at work on the same files. Nothing at or above the last stable offset is handed out (R32,
 * R42).
 */
final class Cleanings {
  private static final Logger LOG = LoggerFactory.getLogger(Cleanings.class);
  private static final long SILENCE_NS = TimeUnit.MINUTES.toNanos(10);

  /** By then the files that earlier swaps replaced are gone, as {@code file.delete.delay.ms} is. */
  private static final long NO_ROOM_REST_NS = TimeUnit.MINUTES.toNanos(1);

  private final Hosted hosted;
  private final Clock clock;
  private final Map<TopicPartition, Claim> claims = new HashMap<>();
  private final Set<Partition> setAside = new HashSet<>();

  /** Partitions whose directory had no room, and until when others go first. */
  private final Map<Partition, Long> restsUntilNs = new HashMap<>();

  private long numbers;

  private static final class Claim {
    final long number;
    final Partition partition;
    final int leaderEpoch;
    final long truncations;
    long heardNs;
    boolean silent;

    Claim(long number, Partition partition, long nowNs) {
      this.number = number;
      this.partition = partition;
      this.leaderEpoch = partition.image().leaderEpoch();
      this.truncations = partition.log().compaction().truncations();
      this.heardNs = nowNs;
    }

    void heard(long nowNs) {
      heardNs = nowNs;
      silent = false;
    }
  }

  private record Looked(Partition partition, Dirt dirt) {}

  Cleanings(Hosted hosted, Clock clock) {
    this.hosted = hosted;
    this.clock = clock;
  }

  // ---- looking ------------------------------------------------------------------------------

  Future<FindCleanableReply> find() {
    forgetWhatIsOver();
    List<Future<Looked>> looks = new ArrayList<>();
    for (Partition partition : hosted.all()) {
      if (partition.config().compact()
          && partition.log().writable()
          && !claims.containsKey(partition.name())
          && !setAside.contains(partition)) {
        looks.add(look(partition));
      }
    }
    return Future.join(looks).transform(all -> Future.succeededFuture(summary(looks)));
  }

  /** Partitions that were stopped; cleaners that fell silent are told of once. */
  private void forgetWhatIsOver() {
    setAside.removeIf(partition -> !isHosted(partition));
    long nowNs = clock.monotonicNs();
    restsUntilNs
        .entrySet()
        .removeIf(rest -> nowNs - rest.getValue() >= 0 || !isHosted(rest.getKey()));
    for (Claim claim : claims.values()) {
      if (!claim.silent && nowNs - claim.heardNs > SILENCE_NS) {
        claim.silent = true;
        LOG.warn("{} is not cleaned any more: its cleaner is silent", claim.partition.name());
      }
    }
  }

  private boolean isHosted(Partition partition) {
    return hosted.find(partition.name().topic(), partition.name().partition()) == partition;
  }

  private Future<Looked> look(Partition partition) {
    return partition
        .log()
        .compaction()
        .look(partition.lastStableOffset())
        .map(
            view ->
                new Looked(
                    partition, CompactionPlan.look(view, partition.config(), clock.wallMs())))
        .onFailure(e -> LOG.warn("How dirty {} is cannot be told", partition.name(), e));
  }

  private FindCleanableReply summary(List<Future<Looked>> looks) {
    CleanablePartition dirtiest = null;
    int due = 0;
    double maxRatio = 0;
    long maxOverdueMs = 0;
    for (Future<Looked> look : looks) {
      if (look.failed()) {
        continue;
      }
      Partition partition = look.result().partition();
      Dirt dirt = look.result().dirt();
      maxRatio = Math.max(maxRatio, dirt.ratio());
      maxOverdueMs = Math.max(maxOverdueMs, dirt.overdueMs());
      if (dirt.due(partition.config())) {
        due++;
        boolean dirtier = dirtiest == null || dirt.ratio() > dirtiest.dirtyRatio();
        if (dirtier && !restsUntilNs.containsKey(partition)) {
          TopicPartition name = partition.name();
          dirtiest = new CleanablePartition(name.topic(), name.partition(), dirt.ratio());
        }
      }
    }
    return new FindCleanableReply(dirtiest, due, maxRatio, maxOverdueMs, setAside());
  }

  private List<SetAside> setAside() {
    Map<String, SetAside> byDirectory = new TreeMap<>();
    for (Partition partition : setAside) {
      byDirectory.merge(
          partition.log().directory().path().toString(),
          new SetAside(
              partition.log().directory().path().toString(), 1, partition.log().sizeBytes()),
          (a, b) ->
              new SetAside(a.logDir(), a.partitions() + b.partitions(), a.bytes() + b.bytes()));
    }
    return List.copyOf(byDirectory.values());
  }

  // ---- one cleaning -------------------------------------------------------------------------

  Future<BeginCleaningReply> begin(BeginCleaning ask) {
    Partition partition = hosted.find(ask.topic(), ask.partition());
    boolean possible =
        partition != null
            && partition.config().compact()
            && partition.log().writable()
            && !claims.containsKey(partition.name())
            && !setAside.contains(partition);
    if (!possible) {
      return Future.succeededFuture(new BeginCleaningReply(null));
    }
    Claim claim = new Claim(++numbers, partition, clock.monotonicNs());
    claims.put(partition.name(), claim);
    return look(partition)
        .compose(looked -> order(claim, looked.dirt()))
        .onFailure(
            e -> {
              LOG.warn("{} is not cleaned now", partition.name(), e);
              claims.remove(partition.name(), claim);
            })
        .otherwise(new BeginCleaningReply(null));
  }

  private Future<BeginCleaningReply> order(Claim claim, Dirt dirt) {
    Partition partition = claim.partition;
    if (!dirt.due(partition.config())) {
      claims.remove(partition.name(), claim);
      return Future.succeededFuture(new BeginCleaningReply(null));
    }
    TopicPartition name = partition.name();
    return partition
        .log()
        .compaction()
        .begin(dirt.firstUncleanableOffset())
        .map(
            source ->
                new BeginCleaningReply(
                    new CleaningOrder(
                        new CleaningClaim(name.topic(), name.partition(), claim.number),
                        dirt,
                        source,
                        producers(partition.log()),
                        partition.config())));
  }

  /** What is staged is not written yet, and may never be: the batch before it counts. */
  private static Map<Long, LastOfProducer> producers(PartitionLog log) {
    Map<Long, LastOfProducer> last = new HashMap<>();
    for (ProducerState state : log.producers().active()) {
      long dataOffset = -1;
      for (int i = 0; i < state.batches().size(); i++) {
        Batch batch = state.batches().get(i);
        dataOffset = batch.lastOffset() < log.logEndOffset() ? batch.lastOffset() : dataOffset;
      }
      last.put(state.producerId(), new LastOfProducer(dataOffset, state.epoch()));
    }
    return last;
  }

  ContinueCleaningReply goOn(ContinueCleaning ask) {
    Claim claim = valid(ask.claim());
    if (claim != null) {
      claim.heard(clock.monotonicNs());
    }
    return new ContinueCleaningReply(claim != null);
  }

  /** The claim while the partition is what it was, or null. */
  private Claim valid(CleaningClaim name) {
    Claim claim = claims.get(new TopicPartition(name.topic(), name.partition()));
    boolean valid =
        claim != null
            && claim.number == name.number()
            && isHosted(claim.partition)
            && claim.partition.image().leaderEpoch() == claim.leaderEpoch
            && claim.partition.log().compaction().truncations() == claim.truncations
            && claim.partition.config().compact()
            && claim.partition.log().writable();
    return valid ? claim : null;
  }

  Future<SwapSegmentsReply> swap(SwapSegments ask) {
    Claim claim = valid(ask.claim());
    if (claim == null) {
      return Future.succeededFuture(new SwapSegmentsReply(false));
    }
    claim.heard(clock.monotonicNs());
    return claim
        .partition
        .log()
        .compaction()
        .swap(ask.replaced(), ask.compacted())
        .map(new SwapSegmentsReply(true))
        .recover(
            e -> {
              if (e instanceof LogCompaction.SegmentsGone) {
                LOG.info("A cleaning is for nothing: {}", e.getMessage());
              } else {
                LOG.error("Compacted segments of {} are not used", claim.partition.name(), e);
              }
              return Future.succeededFuture(new SwapSegmentsReply(false));
            });
  }

  Future<Done> end(EndCleaning ask) {
    Claim claim = valid(ask.claim());
    TopicPartition name = new TopicPartition(ask.claim().topic(), ask.claim().partition());
    Claim known = claims.get(name);
    if (known != null && known.number == ask.claim().number()) {
      claims.remove(name);
    }
    if (claim == null) {
      return Future.succeededFuture(Done.DONE);
    }
    if (ask.end() == CleaningEnd.UNCLEANABLE) {
      setAside.add(claim.partition);
    } else if (ask.end() == CleaningEnd.NO_ROOM) {
      restsUntilNs.put(claim.partition, clock.monotonicNs() + NO_ROOM_REST_NS);
    }
    Future<Void> noted =
        ask.end() == CleaningEnd.CLEANED
            ? claim.partition.log().compaction().cleanedTo(ask.cleanedTo())
            : Future.succeededFuture();
    // A checkpoint that could not be written is written again, and costs a cleaning at most.
    return noted.transform(done -> Future.succeededFuture(Done.DONE));
  }
}
