package io.milena.connection;

import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters.Refusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of connections that the broker refuses or closes: the meters of each one, the log of the
 * first for each reason and then of one a minute, with the number of those in between. So an
 * operator learns why a client that is too old gets nowhere, and a flood cannot fill the log. One
 * for each network loop, owned by it.
 */
public final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long QUIET_NS = TimeUnit.MINUTES.toNanos(1);

  /** When a reason was last told in the log, and how often it was kept quiet since. */
  private static final class Told {
    private long atNs;
    private long untold;
  }

  private final ConnectionMeters meters;
  private final Clock clock;
  private final Map<Refusal, Told> told = new EnumMap<>(Refusal.class);

  public Refusals(ConnectionMeters meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * A connection is refused or closed by us.
   *
   * @param listener its listener's name
   * @param about which connection and what it did, asked for when it is logged
   */
  public void refused(String listener, Refusal why, Supplier<String> about) {
    meters.refused(listener, why);
    if (why == Refusal.IDLE) {
      LOG.debug("Closing connection {}", about.get());
      return;
    }
    String line = line(why, about);
    if (line != null) {
      LOG.warn(line);
    }
  }

  /** What the log is told; null when nothing. */
  String line(Refusal why, Supplier<String> about) {
    long untold = untold(why);
    if (untold < 0) {
      return null;
    }
    String line = "Closing connection " + about.get();
    return untold == 0 ? line : line + " (and " + untold + " more like it in the last minutes)";
  }

  /** How many were kept quiet since the last that was told; -1 when this one is to be quiet too. */
  private long untold(Refusal why) {
    long nowNs = clock.monotonicNs();
    Told last = told.get(why);
    if (last == null) {
      last = new Told();
      told.put(why, last);
    } else if (nowNs - last.atNs < QUIET_NS) {
      last.untold++;
      return -1;
    }
    long untold = last.untold;
    last.atNs = nowNs;
    last.untold = 0;
    return untold;
  }
}
