package io.milena.app;

import io.milena.app.assembly.Assembly;
import io.milena.app.assembly.Sentence;
import io.milena.app.assembly.StartFailure;
import io.milena.app.cli.Cli;
import io.milena.base.Clock;
import io.milena.config.BrokerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A short life of a broker on free ports and a temporary directory, with one record in and out. The
 * build runs it once with {@code -XX:ArchiveClassesAtExit}, so that later starts map the classes
 * instead of loading them. Not for users.
 */
final class WarmUp {
  static final String COMMAND = "warm-up";
  private static final String TOPIC = "warm-up";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private WarmUp() {}

  /** Answers the exit code. */
  static int run() {
    Path home = null;
    try {
      home = Files.createTempDirectory("milena-warm-up");
      live(home);
      Cli.run(new String[] {"--version"});
      return 0;
    } catch (IOException | ExecutionException | TimeoutException | StartFailure e) {
      System.err.println("milena: warm-up: " + Sentence.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (home != null) {
        remove(home);
      }
    }
    return Cli.FAILED;
  }

  private static void live(Path home)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, String> settings =
        Map.of(
            "log.dirs", home.toString(), "listeners", "PLAINTEXT://127.0.0.1:0,HTTP://127.0.0.1:0");
    Assembly broker = new Assembly(BrokerConfig.parse(settings), Clock.system());
    try {
      broker.start();
      use("127.0.0.1:" + broker.port("PLAINTEXT"));
    } finally {
      broker.stop();
    }
  }

  private static void use(String bootstrap)
      throws ExecutionException, InterruptedException, TimeoutException {
    Properties client = new Properties();
    client.setProperty("bootstrap.servers", bootstrap);
    client.setProperty("enable.metrics.push", "false");
    byte[] value = "warm".getBytes(StandardCharsets.UTF_8);
    try (Admin admin = Admin.create(client)) {
      NewTopic topic = new NewTopic(TOPIC, Optional.of(1), Optional.empty());
      admin.createTopics(List.of(topic)).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      admin.describeTopics(List.of(TOPIC)).allTopicNames().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(TOPIC, value)).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(TOPIC, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      consumer.poll(LIMIT);
    }
  }

  private static void remove(Path home) {
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("milena: warm-up leaves " + home + ": " + e.getMessage());
    }
  }
}
