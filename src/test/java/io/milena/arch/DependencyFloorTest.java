package io.milena.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No dependency lies below the version that closed its last known hole. */
class DependencyFloorTest {
  private static final Path FLOOR = Path.of("src/main/resources/dependency-floor");
  private static final Path SBOM = Path.of("target/bom.json");

  @Test
  void everyDependencyIsAtOrAboveItsFloor() throws IOException {
    assumeTrue(Files.exists(SBOM), "no SBOM: it is written by a build without -Dfast");
    Map<String, String> versions = versionsOfTheSbom();
    List<String> tooOld = new ArrayList<>();
    for (String line : Files.readAllLines(FLOOR)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split(" ", 3);
      String version = versions.get(words[0]);
      if (version != null && compare(version, words[1]) < 0) {
        tooOld.add(words[0] + " " + version + " is below " + words[1] + ": " + words[2]);
      }
    }
    assertThat(tooOld).isEmpty();
    assertThat(versions).as("SBOM").containsKeys("io.vertx:vertx-core", "io.netty:netty-handler");
  }

  @Test
  void versionsCompareByTheirNumbers() {
    assertThat(compare("4.2.9.Final", "4.2.15.Final")).isNegative();
    assertThat(compare("32.1.2-jre", "32.0.0-jre")).isPositive();
    assertThat(compare("3.9.5", "3.9.5")).isZero();
  }

  private static Map<String, String> versionsOfTheSbom() throws IOException {
    Map<String, String> versions = new HashMap<>();
    for (JsonNode component : new ObjectMapper().readTree(SBOM.toFile()).get("components")) {
      versions.put(
          component.path("group").asText() + ":" + component.path("name").asText(),
          component.path("version").asText());
    }
    return versions;
  }

  private static int compare(String left, String right) {
    String[] a = left.split("[.-]");
    String[] b = right.split("[.-]");
    for (int i = 0; i < Math.max(a.length, b.length); i++) {
      int difference = Integer.compare(number(a, i), number(b, i));
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  private static int number(String[] parts, int i) {
    return i < parts.length && parts[i].matches("\\d{1,9}") ? Integer.parseInt(parts[i]) : 0;
  }
}
