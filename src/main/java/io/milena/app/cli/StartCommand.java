package io.milena.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code start} with help; without it {@link StartArguments} recognises the command. */
@Command(
    name = "start",
    description = "Starts a broker; without a configuration a single node with everything.",
    mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with Kafka's names.")
  private String config;

  @Option(
      names = "--override",
      paramLabel = "KEY=VALUE",
      description = "A setting that wins over the file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Override
  public Integer call() {
    return Starter.run(new StartArguments(config, overrides));
  }
}
