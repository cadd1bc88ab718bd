package io.milena.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java program in a process of its own; its output goes to a file. */
final class ForkedJvm implements AutoCloseable {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private final Process process;
  private final Path output;

  private ForkedJvm(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts {@code java} with these words; working directory and output file as given. */
  static ForkedJvm start(Path directory, Path output, List<String> words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(JAVA);
    command.addAll(words);
    return startOther(directory, output, command, Map.of());
  }

  /** Starts a program that is not Java, to be watched and killed as one that is. */
  static ForkedJvm startOther(
      Path directory, Path output, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().putAll(environment);
    return new ForkedJvm(builder.start(), output);
  }

  /** Runs to the end and returns what was printed; fails on another exit code than 0. */
  static String run(Path directory, List<String> words, Duration limit) throws Exception {
    Path output = Files.createTempFile(directory, "forked", ".out");
    try (ForkedJvm jvm = start(directory, output, words)) {
      int code = jvm.waitFor(limit);
      if (code != 0) {
        throw new AssertionError("exit code " + code + " of " + words + "\n" + jvm.output());
      }
      return jvm.output();
    }
  }

  Process process() {
    return process;
  }

  String output() throws IOException {
    return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
  }

  /** The exit code; kills the process and fails when the limit passes first. */
  int waitFor(Duration limit) throws Exception {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + limit + "\n" + output());
    }
    return process.exitValue();
  }

  /** kill -9, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    if (process.isAlive()) {
      process.destroy();
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        kill();
      }
    }
  }
}
