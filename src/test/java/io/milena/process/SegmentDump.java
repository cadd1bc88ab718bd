package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Kafka's own DumpLogSegments as a judge of segment files. */
final class SegmentDump {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private SegmentDump() {}

  /** Dumps all files of a partition's folder and fails on any complaint. */
  static void check(Path home, Path folder) throws Exception {
    List<String> files = new ArrayList<>();
    try (Stream<Path> listed = Files.list(folder)) {
      listed
          .map(Path::toString)
          .filter(f -> f.matches(".*\\.(log|index|timeindex|snapshot)"))
          .forEach(files::add);
    }
    assertThat(files).isNotEmpty();
    String dumped =
        ForkedJvm.run(
            home,
            List.of(
                "-cp",
                Peers.classPath("kafka-tools-4.3.1"),
                "org.apache.kafka.tools.DumpLogSegments",
                "--deep-iteration",
                "--index-sanity-check",
                "--files",
                String.join(",", files)),
            LIMIT);
    assertThat(dumped)
        .doesNotContain("Mismatches in")
        .doesNotContain("isvalid: false")
        .doesNotContain("Found timestamp mismatch")
        .doesNotContain("out of order")
        .contains("passed sanity check");
  }
}
