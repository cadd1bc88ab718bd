package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Java clients of other ages, each in its own JVM, use the broker unchanged. */
class OldClientsIT {
  @TempDir Path home;

  @ParameterizedTest
  @CsvSource({
    "clients-2.1.1, 'none,gzip,snappy,lz4,zstd'",
    "clients-2.8.2, 'none,gzip,snappy,lz4,zstd'"
  })
  void clientsOfThatAgeProduceConsumeAndAdminister(String peer, String codecs) throws Exception {
    String classPath =
        Path.of("target/test-classes").toAbsolutePath()
            + File.pathSeparator
            + Peers.classPath(peer);
    try (MilenaProcess broker = new MilenaProcess(home).start()) {
      String printed =
          ForkedJvm.run(
              home,
              List.of(
                  "-cp", classPath, OldClient.class.getName(), broker.bootstrap(), "old", codecs),
              Duration.ofSeconds(120));
      assertThat(printed).contains("OK");
    }
  }
}
