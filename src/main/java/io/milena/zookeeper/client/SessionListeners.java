package io.milena.zookeeper.client;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know of a session's fate; each is told on its own context. Any thread. */
final class SessionListeners {
  private static final Logger LOG = LoggerFactory.getLogger(SessionListeners.class);
  private static final long DEADLINE_MS = 5_000;

  private record Listener(Context context, Handler<SessionEvent> handler) {}

  private final Vertx vertx;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  SessionListeners(Vertx vertx) {
    this.vertx = vertx;
  }

  /** {@code handler} is called on the current context. */
  void add(Handler<SessionEvent> handler) {
    listeners.add(new Listener(vertx.getOrCreateContext(), handler));
  }

  /** Completes when every handler returned, or after the deadline. */
  Future<Void> tell(SessionEvent event) {
    Promise<Void> all = Promise.promise();
    AtomicInteger left = new AtomicInteger(listeners.size() + 1);
    Runnable one =
        () -> {
          if (left.decrementAndGet() == 0) {
            all.tryComplete();
          }
        };
    for (Listener listener : listeners) {
      listener
          .context()
          .runOnContext(
              v -> {
                try {
                  listener.handler().handle(event);
                } finally {
                  one.run();
                }
              });
    }
    one.run();
    if (event.kind() == SessionEvent.Kind.EXPIRED) {
      long timer =
          vertx.setTimer(
              DEADLINE_MS,
              t -> {
                if (all.tryComplete()) {
                  LOG.error("A handler of the expired session did not return within 5 s");
                }
              });
      all.future().onComplete(done -> vertx.cancelTimer(timer));
    }
    return all.future();
  }
}
