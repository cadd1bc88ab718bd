package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.TOPIC;
import static io.milena.partition.shard.ShardFixture.get;
import static io.milena.partition.shard.ShardFixture.image;
import static io.milena.partition.shard.ShardFixture.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.config.TopicConfig;
import io.milena.metadata.PartitionImage;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.LogDescription;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard on the files it will have. */
class RealFilesStoriesTest {
  @TempDir Path dir;
  private ShardOnFiles files;
  private ShardFixture shard;

  @BeforeEach
  void start() {
    StorageOptions options = StorageOptions.defaults(List.of(dir), 1);
    files = new ShardOnFiles(PartitionVerticle.Options.defaults(options));
    shard = files.shard;
  }

  @AfterEach
  void stop() {
    files.close();
    assertThat(shard.halted).as("a broken invariant").isFalse();
  }

  private void restart() {
    stop();
    start();
    shard.lead();
  }

  @Test
  void shouldReadBackWhatWasProduced() {
    shard.lead();
    shard.appended(Batches.plain("a", "b"));
    shard.appended(Batches.plain("c"));

    PartitionReadResult read = shard.read(0);

    assertThat(read.highWatermark()).isEqualTo(3);
    assertThat(values(read)).containsExactly("0=a", "1=b", "2=c");
  }

  @Test
  void shouldKeepOrderAndOffsetsWhenManyAppendsAreInFlight() {
    shard.lead();
    List<Future<PartitionAppendResult>> appends = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      appends.add(shard.append(Batches.idempotent(7, i, "v" + i), -1));
      expected.add(i + "=v" + i);
    }

    List<PartitionAppendResult> results = appends.stream().map(ShardFixture::get).toList();

    assertThat(results).extracting(PartitionAppendResult::error).containsOnly(Errors.NONE);
    assertThat(values(shard.read(0))).isEqualTo(expected);
  }

  @Test
  void shouldFindDataAndHighWatermarkAgainAfterARestart() {
    shard.lead();
    shard.appended(Batches.plain("a", "b"));

    restart();

    PartitionReadResult read = shard.read(0);
    assertThat(read.highWatermark()).isEqualTo(2);
    assertThat(values(read)).containsExactly("0=a", "1=b");
    assertThat(shard.appended(Batches.plain("c")).baseOffset()).isEqualTo(2);
  }

  @Test
  void shouldRecogniseARepeatedBatchAfterARestart() {
    shard.lead();
    shard.appended(Batches.plain("first"));
    shard.appended(Batches.idempotent(7, 0, "a"));
    restart();

    PartitionAppendResult repeated = shard.appended(Batches.idempotent(7, 0, "a"));

    assertThat(repeated.error()).isEqualTo(Errors.NONE);
    assertThat(repeated.baseOffset()).isEqualTo(1);
    assertThat(values(shard.read(1))).containsExactly("1=a");
  }

  @Test
  void shouldRemoveTheFolderOfADeletedPartition() {
    shard.lead();
    shard.appended(Batches.plain("a"));
    Path folder = dir.resolve(TOPIC + "-0");
    assertThat(folder).isDirectory();

    get(shard.client.stop(0, new Stop(List.of(new StopPartition(TOPIC, 0, true)))));

    await().until(() -> Files.notExists(folder));
    assertThat(shard.read(0).error()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void shouldOpenManyPartitionsWithOneOrder() {
    List<BecomePartition> parts =
        IntStream.range(0, 200)
            .mapToObj(
                n ->
                    new BecomePartition(
                        "many",
                        Uuid.fromString("AAAAAAAAAAAAAAAAAAAAAQ"),
                        alone(n),
                        BROKER,
                        TopicConfig.defaults()))
            .toList();

    List<Errors> opened = get(shard.client.become(0, new Become(parts))).results();

    List<LogDescription> logs =
        get(shard.client.describeLogs(0, new DescribeLogs(List.of()))).logs();
    assertThat(opened).hasSize(200).containsOnly(Errors.NONE);
    assertThat(logs).hasSize(200).allMatch(LogDescription::leader);
  }

  private static PartitionImage alone(int number) {
    PartitionImage one = image(BROKER, 0, List.of(BROKER));
    return new PartitionImage(
        number, one.replicas(), one.isr(), BROKER, 0, 0, List.of(), List.of());
  }
}
