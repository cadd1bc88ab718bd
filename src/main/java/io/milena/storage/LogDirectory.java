package io.milena.storage;

import java.nio.file.Path;

/**
 * One entry of {@code log.dirs} as one {@link LogStore} sees it. Owned by that store's event loop,
 * which is told when the directory fails.
 */
public final class LogDirectory {
  private final int index;
  private final Path path;
  private boolean online = true;

  LogDirectory(int index, Path path) {
    this.index = index;
    this.path = path;
  }

  /** Place in {@code log.dirs}. */
  int index() {
    return index;
  }

  public Path path() {
    return path;
  }

  /** False after a fatal error: nothing is written there any more until the broker restarts. */
  public boolean online() {
    return online;
  }

  void setOffline() {
    online = false;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
