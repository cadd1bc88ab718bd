package io.milena.storage;

import java.nio.file.Path;

/** One entry of {@code log.dirs}. */
public interface LogDirectory {
  Path path();

  /** False after a fatal error: nothing is written there any more. */
  boolean online();
}
