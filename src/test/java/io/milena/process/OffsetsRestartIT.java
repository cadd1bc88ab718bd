package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand groups with a hundred thousand committed offsets on a broker that is killed and
 * stopped while it compacts {@code __consumer_offsets}. Prints how long loading took.
 */
@Tag("long")
@Timeout(300)
class OffsetsRestartIT {
  private static final String TOPIC = "loaded";
  private static final int GROUPS = 1_000;
  private static final int PARTITIONS = 100;
  private static final int AT_ONCE = 200;
  private static final int FIRST_ROUNDS = 3;
  private static final int KILLS = 3;
  private static final int COORDINATORS = 4;
  private static final int LOAD_LIMIT_MS = 2_000;
  private static final Pattern LOADED =
      Pattern.compile(
          "^\\S+ (\\d\\d:\\d\\d:\\d\\d\\.\\d{3}) .* Serving: \\S.*?\\d(?: and (\\d+) more)?, (\\d+) records loaded in (\\d+) ms",
          Pattern.MULTILINE);

  private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

  @TempDir Path home;

  /**
   * What a verticle's coordinators loaded together.
   *
   * @param endMs time of day
   */
  private record Load(long endMs, int coordinators, int records, int tookMs) {}

  /** By group: the highest round that was sent, and the highest that was acknowledged. */
  private final AtomicIntegerArray sent = new AtomicIntegerArray(GROUPS);

  private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(GROUPS);
  private final AtomicBoolean committing = new AtomicBoolean(true);
  private volatile Throwable failure;

  @Test
  void aHundredThousandOffsetsSurviveKillsInTheMiddleOfCompactionAndLoadSoon() throws Exception {
    try (MilenaProcess broker = broker().start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
      for (int round = 0; round < FIRST_ROUNDS; round++) {
        for (int group = 0; group < GROUPS; group += AT_ONCE) {
          commit(admin, groups(group));
        }
      }
      Thread writer = new Thread(() -> keepCommitting(admin), "committer");
      writer.start();
      for (int kill = 0; kill < KILLS; kill++) {
        awaitCompaction(broker.data(), kill % 2 == 0 ? ".cleaned" : ".deleted");
        broker.kill();
        restart(broker, "killed");
      }
      committing.set(false);
      writer.join(TimeUnit.MINUTES.toMillis(2));
      assertThat(failure).isNull();
      assertAllThere(admin);

      assertThat(broker.stop()).isIn(0, 143);
      restart(broker, "stopped");
      assertAllThere(admin);
      assertThat(broker.log())
          .doesNotContain("ERROR")
          .doesNotContain("passed over")
          .doesNotContain("cannot be cleaned");
    }
  }

  private MilenaProcess broker() throws IOException {
    return new MilenaProcess(home)
        .with("offsets.topic.num.partitions", Integer.toString(COORDINATORS))
        .with("offsets.topic.segment.bytes", "1048576")
        .with("log.cleaner.backoff.ms", "50")
        .with("log.cleaner.min.cleanable.ratio", "0.01")
        .with("log.segment.delete.delay.ms", "500");
  }

  // ---- commits ------------------------------------------------------------------------------

  private static String name(int group) {
    return "group-" + group;
  }

  private static List<Integer> groups(int from) {
    return Stream.iterate(from, g -> g + 1).limit(AT_ONCE).toList();
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition(TOPIC, number);
  }

  /** Partition p's offset of a round; no two partitions have the same. */
  private static long offset(int round, int p) {
    return round * 1_000L + p;
  }

  /** One more round for each of the groups, all partitions; waits for all. */
  private void commit(Admin admin, List<Integer> groups) throws Exception {
    List<KafkaFuture<Void>> answers = new ArrayList<>();
    for (int group : groups) {
      int round = sent.incrementAndGet(group);
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      for (int p = 0; p < PARTITIONS; p++) {
        offsets.put(partition(p), new OffsetAndMetadata(offset(round, p), "round " + round));
      }
      answers.add(admin.alterConsumerGroupOffsets(name(group), offsets).all());
    }
    for (int i = 0; i < answers.size(); i++) {
      answers.get(i).get(90, TimeUnit.SECONDS);
      acknowledged.set(groups.get(i), sent.get(groups.get(i)));
    }
  }

  private void keepCommitting(Admin admin) {
    Random random = new Random(1);
    try {
      while (committing.get()) {
        commit(admin, groups(random.nextInt(GROUPS / AT_ONCE) * AT_ONCE));
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  private void assertAllThere(Admin admin) throws Exception {
    Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
    for (int group = 0; group < GROUPS; group++) {
      asked.put(name(group), new ListConsumerGroupOffsetsSpec());
    }
    var answers = admin.listConsumerGroupOffsets(asked);
    int found = 0;
    for (int group = 0; group < GROUPS; group++) {
      var offsets = answers.partitionsToOffsetAndMetadata(name(group)).get(60, TimeUnit.SECONDS);
      assertThat(offsets).as(name(group)).hasSize(PARTITIONS);
      for (int p = 0; p < PARTITIONS; p++) {
        assertThat(offsets.get(partition(p)).offset())
            .as("%s, partition %s", name(group), p)
            .isBetween(offset(acknowledged.get(group), p), offset(sent.get(group), p));
        found++;
      }
    }
    assertThat(found).isEqualTo(GROUPS * PARTITIONS);
  }

  // ---- compaction and loading ---------------------------------------------------------------

  private static void awaitCompaction(Path data, String suffix) {
    Awaitility.await(suffix)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              for (int p = 0; p < COORDINATORS; p++) {
                if (holds(data.resolve("__consumer_offsets-" + p), suffix)) {
                  return true;
                }
              }
              return false;
            });
  }

  private static boolean holds(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().endsWith(suffix));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Starts it again; every coordinator must have loaded within the limit. */
  private static void restart(MilenaProcess broker, String how) throws Exception {
    int linesBefore = loads(broker.log()).size();
    long startNs = System.nanoTime();
    broker.start();
    Awaitility.await("coordinators loaded")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> coordinators(loadsSince(broker, linesBefore)) == COORDINATORS);
    long servingMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    List<Load> loads = loadsSince(broker, linesBefore);
    int records = loads.stream().mapToInt(Load::records).sum();
    long beganMs =
        loads.stream().mapToLong(load -> load.endMs() - load.tookMs()).min().orElseThrow();
    long loadMs = loads.stream().mapToLong(Load::endMs).max().orElseThrow() - beganMs;
    System.out.printf(
        "OffsetsRestartIT: %s: %d records loaded by %d coordinators in %d ms,"
            + " serving %d ms after the start of the process%n",
        how, records, COORDINATORS, loadMs, servingMs);
    assertThat(records).isGreaterThanOrEqualTo(GROUPS * PARTITIONS);
    assertThat(Math.floorMod(loadMs, DAY_MS)).isLessThan(LOAD_LIMIT_MS);
  }

  private static List<Load> loadsSince(MilenaProcess broker, int lines) throws IOException {
    List<Load> loads = loads(broker.log());
    return loads.subList(lines, loads.size());
  }

  private static int coordinators(List<Load> loads) {
    return loads.stream().mapToInt(Load::coordinators).sum();
  }

  /** Every load that the log tells of. */
  private static List<Load> loads(String log) {
    List<Load> loads = new ArrayList<>();
    Matcher line = LOADED.matcher(log);
    while (line.find()) {
      long endMs = TimeUnit.NANOSECONDS.toMillis(LocalTime.parse(line.group(1)).toNanoOfDay());
      int others = line.group(2) == null ? 0 : Integer.parseInt(line.group(2));
      int records = Integer.parseInt(line.group(3));
      loads.add(new Load(endMs, 1 + others, records, Integer.parseInt(line.group(4))));
    }
    return loads;
  }
}
