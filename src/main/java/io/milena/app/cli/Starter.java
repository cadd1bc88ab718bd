package io.milena.app.cli;

import io.milena.app.assembly.Assembly;
import io.milena.app.assembly.Sentence;
import io.milena.app.assembly.StartFailure;
import io.milena.base.Clock;
import io.milena.config.BrokerConfig;
import io.milena.storage.file.StorageException;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command {@code start}: a broker from its settings until SIGTERM. */
public final class Starter {
  private static final Logger LOG = LoggerFactory.getLogger(Starter.class);

  private Starter() {}

  /** Runs until the process is asked to end. Answers the exit code: 1 when it could not start. */
  public static int run(StartArguments arguments) {
    Assembly broker = null;
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      BrokerConfig config = BrokerConfig.parse(arguments.settings());
      config.remarks().forEach(LOG::warn);
      config.openListeners().forEach(LOG::warn);
      broker = new Assembly(config, Clock.system());
      Assembly started = broker;
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    started.stop();
                    stopped.countDown();
                  },
                  "milena-stop"));
      broker.start();
      System.out.println(line(broker));
      stopped.await();
      return 0;
    } catch (ConfigException | StorageException | StartFailure e) {
      LOG.debug("The broker does not start", e);
      System.err.println("milena: " + Sentence.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("The broker does not start", e);
      System.err.println("milena: the broker does not start: " + Sentence.of(e));
    }
    return Cli.FAILED;
  }

  private static String line(Assembly broker) {
    long sinceExecMs =
        Clock.system().wallMs()
            - ProcessHandle.current().info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return "Milena "
        + Cli.Version.text()
        + ": "
        + broker.summary()
        + ", ready in "
        + sinceExecMs
        + " ms";
  }
}
