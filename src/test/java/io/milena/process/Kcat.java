package io.milena.process;

import java.nio.file.Path;
import java.time.Duration;

/** kcat, which is librdkafka's command line. */
final class Kcat {
  private final Path folder;
  private final String bootstrap;

  Kcat(Path folder, String bootstrap) {
    this.folder = folder;
    this.bootstrap = bootstrap;
  }

  /** Sends each line of a file as a record to partition 0. */
  void produce(String topic, String codec, Path file, Duration limit) throws Exception {
    Program.of(
            "kcat",
            "-b",
            bootstrap,
            "-P",
            "-t",
            topic,
            "-p",
            "0",
            "-z",
            codec,
            "-X",
            "enable.idempotence=true")
        .from(file)
        .within(limit)
        .succeed(folder);
  }

  /** Writes partition 0 from its begin to its end to a file, CRCs checked. */
  void consume(String topic, Path file, Duration limit) throws Exception {
    Program.of(
            "kcat",
            "-b",
            bootstrap,
            "-C",
            "-t",
            topic,
            "-p",
            "0",
            "-o",
            "beginning",
            "-e",
            "-q",
            "-X",
            "check.crcs=true")
        .to(file)
        .within(limit)
        .succeed(folder);
  }
}
