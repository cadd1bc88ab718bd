package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.TOPIC;
import static io.milena.partition.shard.ShardFixture.TOPIC_ID;
import static io.milena.partition.shard.ShardFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.CleaningClaim;
import io.milena.partition.PartitionMessages.CleaningEnd;
import io.milena.partition.PartitionMessages.CleaningOrder;
import io.milena.partition.PartitionMessages.ContinueCleaning;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.FindCleanable;
import io.milena.partition.PartitionMessages.FindCleanableReply;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.milena.storage.OpenedLog;
import io.milena.storage.PartitionLog;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one cleaner may do when its partition changed under it, or when it was silent for long. */
class CleaningClaimsTest {
  private static final TopicConfig COMPACTED =
      TopicConfigs.effective(
          Map.of(),
          Map.of(),
          Map.of(
              "cleanup.policy", "compact",
              "segment.bytes", "200",
              "segment.jitter.ms", "0",
              "flush.messages", "1",
              "min.cleanable.dirty.ratio", "0.01"));

  @TempDir Path dir;
  private final AtomicReference<PartitionLog> log = new AtomicReference<>();
  private final AtomicLong aheadNs = new AtomicLong();
  private final Clock clock =
      new Clock() {
        @Override
        public long wallMs() {
          return Clock.system().wallMs();
        }

        @Override
        public long monotonicNs() {
          return Clock.system().monotonicNs() + aheadNs.get();
        }
      };
  private ShardOnFiles files;
  private ShardFixture shard;

  @BeforeEach
  void aDirtyPartition() {
    StorageOptions options = StorageOptions.defaults(List.of(dir), 1);
    files =
        new ShardOnFiles(PartitionVerticle.Options.defaults(options), this::rememberingLog, clock);
    shard = files.shard;
    lead();
    for (int i = 0; i < 20; i++) {
      shard.appended(Batches.plain("a", "b"));
    }
    Awaitility.await("closed segments on the disk").until(() -> find().dirtiest() != null);
  }

  private ShardLogs rememberingLog(ShardLogs logs) {
    return (ShardLogs)
        Proxy.newProxyInstance(
            ShardLogs.class.getClassLoader(),
            new Class<?>[] {ShardLogs.class},
            (proxy, method, arguments) -> {
              Object answer = method.invoke(logs, arguments);
              return method.getName().equals("open") ? remember((Future<?>) answer) : answer;
            });
  }

  @SuppressWarnings("unchecked")
  private Future<List<OpenedLog>> remember(Future<?> opened) {
    return ((Future<List<OpenedLog>>) opened).onSuccess(all -> log.set(all.get(0).log()));
  }

  private void lead() {
    get(
        shard.client.become(
            0,
            new Become(
                List.of(
                    new BecomePartition(
                        TOPIC,
                        TOPIC_ID,
                        ShardFixture.image(BROKER, 3, List.of(BROKER)),
                        BROKER,
                        COMPACTED)))));
  }

  @AfterEach
  void stop() {
    files.close();
  }

  private FindCleanableReply find() {
    return get(shard.client.findCleanable(0, new FindCleanable()));
  }

  private CleaningOrder begin() {
    return get(shard.client.beginCleaning(0, new BeginCleaning(TOPIC, 0))).order();
  }

  private boolean wanted(CleaningClaim claim) {
    return get(shard.client.continueCleaning(0, new ContinueCleaning(claim))).wanted();
  }

  private void end(CleaningClaim claim, CleaningEnd how, long cleanedTo) {
    get(shard.client.endCleaning(0, new EndCleaning(claim, how, cleanedTo)));
  }

  private void truncateTo(long offset) {
    Promise<Void> cut = Promise.promise();
    shard.onShard(() -> log.get().truncateTo(offset).onComplete(cut));
    get(cut.future());
  }

  @Test
  void aCleaningIsNotWantedAnyMoreWhenItsLogWasCutInTheSameEpoch() {
    CleaningClaim claim = begin().claim();
    assertThat(wanted(claim)).isTrue();

    truncateTo(11);

    assertThat(wanted(claim)).isFalse();
  }

  @Test
  void whatACleaningFoundOfALogThatWasCutIsNotBelieved() {
    CleaningClaim claim = begin().claim();
    truncateTo(21);

    end(claim, CleaningEnd.CLEANED, 20);

    assertThat(log.get().compaction().cleanedTo()).isEqualTo(-1);
  }

  @Test
  void aCutLogIsNotSetAsideForLookingGarbled() {
    CleaningClaim claim = begin().claim();
    truncateTo(11);

    end(claim, CleaningEnd.UNCLEANABLE, -1);

    assertThat(find().setAside()).isEmpty();
    assertThat(begin()).isNotNull();
  }

  @Test
  void aPartitionIsNotClaimedASecondTimeWhileItsCleanerIsSilent() {
    CleaningClaim claim = begin().claim();
    aheadNs.set(Duration.ofHours(1).toNanos());

    assertThat(find().dirtiest()).isNull();
    assertThat(begin()).isNull();
    assertThat(wanted(claim)).isTrue();

    end(claim, CleaningEnd.ABORTED, -1);
    assertThat(begin()).isNotNull();
  }

  @Test
  void aPartitionThatWasMadeAnewIsClaimedWhenItsEarlierCleaningHasEnded() {
    CleaningClaim earlier = begin().claim();
    get(shard.client.stop(0, new Stop(List.of(new StopPartition(TOPIC, 0, false)))));
    lead();

    assertThat(find().dirtiest()).isNull();
    assertThat(begin()).isNull();
    assertThat(wanted(earlier)).isFalse();

    end(earlier, CleaningEnd.ABORTED, -1);
    assertThat(begin()).isNotNull();
  }
}
