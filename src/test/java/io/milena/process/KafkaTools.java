package io.milena.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Kafka's own command-line tools (4.3.1), each call in a JVM of its own. */
final class KafkaTools {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final Path folder;
  private final String bootstrap;

  /** Tools that ask {@code bootstrap} and keep what they print in {@code folder}. */
  KafkaTools(Path folder, String bootstrap) {
    this.folder = folder;
    this.bootstrap = bootstrap;
  }

  /** Runs a tool on the broker; what it printed. */
  String run(String main, String... arguments) throws Exception {
    return program(main, List.of(arguments)).within(LIMIT).succeed(folder).out();
  }

  /** Runs a tool that asks no broker. */
  String runOffline(String main, String... arguments) throws Exception {
    return jvm(main, List.of(arguments)).within(LIMIT).succeed(folder).out();
  }

  /** The console producer sends each line of a file as a record. */
  void produce(String topic, String codec, Path file, Duration limit) throws Exception {
    program(
            "org.apache.kafka.tools.ConsoleProducer",
            List.of("--topic", topic, "--compression-codec", codec))
        .from(file)
        .within(limit)
        .succeed(folder);
  }

  /** The console consumer writes partition 0 from its begin, so many records, to a file. */
  void consume(String topic, long records, Path file, Duration limit) throws Exception {
    program(
            "org.apache.kafka.tools.consumer.ConsoleConsumer",
            List.of(
                "--topic",
                topic,
                "--partition",
                "0",
                "--offset",
                "earliest",
                "--max-messages",
                Long.toString(records)))
        .to(file)
        .within(limit)
        .succeed(folder);
  }

  private Program program(String main, List<String> arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("--bootstrap-server", bootstrap));
    all.addAll(arguments);
    return jvm(main, all);
  }

  private static Program jvm(String main, List<String> arguments) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    words.add(Peers.classPath("kafka-tools-4.3.1"));
    words.add(main);
    words.addAll(arguments);
    return Program.of(words);
  }
}
