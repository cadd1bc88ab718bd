package io.milena.arch;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README tells the truth about what is served. */
class ReadmeTest {
  @Test
  void theTableOfApisIsThatOfTheCode() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String table = readme.substring(readme.indexOf("| API | key | versions |"));
    assertThat(table.lines().skip(2).takeWhile(line -> line.startsWith("|")))
        .containsExactlyElementsOf(SupportedApis.all().stream().map(ReadmeTest::row).toList());
  }

  private static String row(SupportedApi api) {
    return "| "
        + api.name()
        + " | "
        + api.key()
        + " | "
        + api.minVersion()
        + "–"
        + api.maxVersion()
        + " |";
  }
}
