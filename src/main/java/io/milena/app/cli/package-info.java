/**
 * The command line: {@link io.milena.app.cli.Cli} and its commands, which ask a broker over Kafka's
 * own protocol or read files, and {@link io.milena.app.cli.Starter}, the one that is a broker.
 *
 * <p>Neighbours: {@code assembly}, {@code config}, {@code log} below; {@code app} above. Rules: the
 * command line library stays in here, and the arguments of an ordinary start are read without it,
 * by {@link io.milena.app.cli.StartArguments}. Results go to standard output, everything else to
 * standard error; exit codes are 0, 1 (failed), 2 (wrong usage).
 */
package io.milena.app.cli;
