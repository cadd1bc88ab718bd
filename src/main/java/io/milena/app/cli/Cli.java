package io.milena.app.cli;

import io.milena.app.assembly.Sentence;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** All commands. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "milena",
    description = "A Kafka-compatible broker and the tools of its five-minute tour.",
    mixinStandardHelpOptions = true,
    versionProvider = Cli.Version.class,
    subcommands = {
      StartCommand.class,
      TopicsCommand.class,
      GroupsCommand.class,
      ProduceCommand.class,
      ConsumeCommand.class,
      StorageInfoCommand.class
    })
public final class Cli extends CommandGroup {
  /** Exit code of what could not be done. */
  public static final int FAILED = 1;

  /** Runs {@code args} and answers the exit code. */
  public static int run(String[] args) {
    CommandLine line = new CommandLine(new Cli());
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          System.err.println("milena: " + Sentence.of(failure));
          return FAILED;
        });
    return line.execute(args);
  }

  /** The version that the jar's manifest tells. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"milena " + text()};
    }

    static String text() {
      String version = Cli.class.getPackage().getImplementationVersion();
      return version == null ? "(not from a jar)" : version;
    }
  }
}
