package io.milena.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of this machine, run to its end; what it reads and prints may be large files. */
final class Program {
  /** What it printed; {@code out} is empty when the output went to a file. */
  record Result(int code, String out, String err) {}

  private final List<String> words;
  private final Map<String, String> environment = new HashMap<>();
  private Duration limit = Duration.ofSeconds(60);
  private Path input;
  private Path output;

  private Program(List<String> words) {
    this.words = words;
  }

  static Program of(String... words) {
    return new Program(List.of(words));
  }

  static Program of(List<String> words) {
    return new Program(List.copyOf(words));
  }

  /** Its standard input. */
  Program from(Path file) {
    input = file;
    return this;
  }

  /** Where its standard output goes. */
  Program to(Path file) {
    output = file;
    return this;
  }

  Program with(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  Program within(Duration time) {
    limit = time;
    return this;
  }

  /** Runs it; a temporary file in {@code folder} takes each stream that has no file of its own. */
  Result run(Path folder) throws IOException, InterruptedException {
    Path out = output == null ? Files.createTempFile(folder, "run", ".out") : output;
    Path err = Files.createTempFile(folder, "run", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    if (input != null) {
      builder.redirectInput(input.toFile());
    }
    Process process = builder.start();
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + limit + ": " + words + "\n" + text(err));
    }
    return new Result(process.exitValue(), output == null ? text(out) : "", text(err));
  }

  /** As {@link #run}, and fails on another exit code than 0. */
  Result succeed(Path folder) throws IOException, InterruptedException {
    Result result = run(folder);
    if (result.code() != 0) {
      throw new AssertionError(
          "exit code " + result.code() + " of " + words + "\n" + result.out() + result.err());
    }
    return result;
  }

  /** Skips the running test, with the reason printed, when the program is not there. */
  static void assumeInstalled(Path folder, String program, String probe) throws Exception {
    boolean there;
    try {
      there = of(program, probe).run(folder).code() == 0;
    } catch (IOException e) {
      there = false;
    }
    assumeThat(there, program + " is not installed");
  }

  /** Skips the running test and prints why, when a condition does not hold. */
  static void assumeThat(boolean holds, String reason) {
    if (!holds) {
      System.out.println("SKIPPED: " + reason);
    }
    assumeTrue(holds, reason);
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
