package io.milena.zookeeper.client;

import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/**
 * Reads a znode, tells the handler, and does so again after each change. ZooKeeper's watches fire
 * once, so each reading sets the next watch; changes in between show as one. A znode that does not
 * exist is told too, and its creation is watched. Threads: ZooKeeper's event thread and those of
 * {@link #arm}; the handler runs on its subscriber's context.
 *
 * @param <T> what a reading is
 */
final class StandingWatch<T> implements ZkWatch, Watcher {
  /** One way of reading: children or data. */
  interface Reading<T> {
    void start(ZooKeeper handle, StandingWatch<T> watch, int round);
  }

  private final String path;
  private final Supplier<ZooKeeper> handles;
  private final Reading<T> reading;
  private final T missing;
  private final Handler<T> handler;
  private final ContextInternal context;
  private int round;
  private boolean armed;
  private volatile boolean closed;

  private StandingWatch(
      String path,
      Supplier<ZooKeeper> handles,
      Reading<T> reading,
      T missing,
      Handler<T> handler,
      ContextInternal context) {
    this.path = path;
    this.handles = handles;
    this.reading = reading;
    this.missing = missing;
    this.handler = handler;
    this.context = context;
  }

  static StandingWatch<List<String>> children(
      String path,
      Supplier<ZooKeeper> handles,
      Handler<List<String>> handler,
      ContextInternal context) {
    Reading<List<String>> reading =
        (handle, watch, round) ->
            handle.getChildren(
                path,
                watch,
                (AsyncCallback.ChildrenCallback)
                    (code, p, c, names) -> watch.answered(round, code, () -> names),
                null);
    return new StandingWatch<>(path, handles, reading, List.of(), handler, context);
  }

  static StandingWatch<Optional<ZNode>> data(
      String path,
      Supplier<ZooKeeper> handles,
      Handler<Optional<ZNode>> handler,
      ContextInternal context) {
    Reading<Optional<ZNode>> reading =
        (handle, watch, round) ->
            handle.getData(
                path,
                watch,
                (code, p, c, data, stat) ->
                    watch.answered(
                        round, code, () -> Optional.of(new ZNode(path, data, ZStat.of(stat)))),
                null);
    return new StandingWatch<>(path, handles, reading, Optional.empty(), handler, context);
  }

  /** Reads and sets the watch; without a connection the next {@link #armIfLost} will. */
  void arm() {
    int thisRound;
    synchronized (this) {
      if (closed) {
        return;
      }
      thisRound = ++round;
      armed = false;
    }
    ZooKeeper handle = handles.get();
    if (handle != null) {
      reading.start(handle, this, thisRound);
    }
  }

  /** After a reconnection: sets the watch again if that had failed. */
  void armIfLost() {
    boolean lost;
    synchronized (this) {
      lost = !armed;
    }
    if (lost) {
      arm();
    }
  }

  @Override
  public void process(WatchedEvent event) {
    if (event.getType() != Event.EventType.None) {
      arm();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  boolean closed() {
    return closed;
  }

  private void answered(int ofRound, int code, Supplier<T> value) {
    if (code == Code.OK.intValue()) {
      tell(ofRound, value.get());
    } else if (code == Code.NONODE.intValue()) {
      ZooKeeper handle = handles.get();
      if (handle != null) {
        handle.exists(path, this, (c, p, x, stat) -> missingAnswered(ofRound, c), null);
      }
    }
    // Any other code is a lost connection or session: the session arms again when it is back.
  }

  private void missingAnswered(int ofRound, int code) {
    if (code == Code.NONODE.intValue()) {
      tell(ofRound, missing);
    } else if (code == Code.OK.intValue()) {
      arm(); // created in between
    }
  }

  private void tell(int ofRound, T value) {
    synchronized (this) {
      if (ofRound != round) {
        return;
      }
      armed = true;
    }
    context.runOnContext(
        v -> {
          if (!closed) {
            handler.handle(value);
          }
        });
  }
}
