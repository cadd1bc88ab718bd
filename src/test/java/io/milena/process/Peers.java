package io.milena.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Other software, resolved by Maven into folders of its own under the build directory: {@code
 * src/test/resources/peers/NAME/pom.xml} says what.
 */
final class Peers {
  private Peers() {}

  /** The class path of that peer; resolved at the first call. */
  static synchronized String classPath(String name) throws Exception {
    Path folder = Path.of(System.getProperty("milena.build", "target"), "peers", name);
    Path complete = folder.resolve(".complete");
    if (!Files.exists(complete)) {
      resolve(name, folder.toAbsolutePath());
      Files.createFile(complete);
    }
    return folder.toAbsolutePath() + File.separator + "*";
  }

  private static void resolve(String name, Path folder) throws IOException, InterruptedException {
    Path pom = Path.of("src/test/resources/peers", name, "pom.xml").toAbsolutePath();
    Files.createDirectories(folder);
    String home = System.getProperty("milena.maven.home", "");
    String mvn = home.isEmpty() ? "mvn" : Path.of(home, "bin", "mvn").toString();
    Path output = folder.resolveSibling(name + ".log");
    Process process =
        new ProcessBuilder(
                List.of(
                    mvn,
                    "-q",
                    "-B",
                    "-f",
                    pom.toString(),
                    "dependency:copy-dependencies",
                    "-DoutputDirectory=" + folder))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError("cannot resolve " + name + ":\n" + Files.readString(output));
    }
  }
}
