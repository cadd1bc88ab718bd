package io.milena.app;

import io.milena.app.cli.Cli;
import io.milena.app.cli.StartArguments;
import io.milena.app.cli.Starter;
import io.milena.base.ProcessEnd;
import java.util.Optional;

/**
 * Entry point of {@code java -jar milena.jar}. An ordinary {@code start} is recognised without the
 * command line library, which would be a tenth of the time to the first record.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    boolean start = args.length > 0 && (args[0].equals("start") || args[0].equals(WarmUp.COMMAND));
    if (!start) {
      System.setProperty(DefaultLogging.TARGET, "stderr");
    }
    ProcessEnd.exit(run(args));
  }

  /** Runs a command to its end and answers the exit code of the process. */
  static int run(String[] args) {
    if (args.length == 1 && args[0].equals(WarmUp.COMMAND)) {
      return WarmUp.run();
    }
    Optional<StartArguments> plain = StartArguments.parse(args);
    if (plain.isPresent()) {
      return Starter.run(plain.get());
    }
    return Cli.run(args);
  }
}
