package io.milena.api;

import io.vertx.core.Future;
import java.util.List;

/** How full the log directories are. Asked off the event loop; usable from any of them. */
@FunctionalInterface
public interface LogDirSpaces {
  /**
   * One entry of {@code log.dirs}.
   *
   * @param path absolute
   * @param online false after a fatal error
   * @param totalBytes size of its volume, -1 when unknown
   * @param usableBytes free for us, -1 when unknown
   */
  record Space(String path, boolean online, long totalBytes, long usableBytes) {}

  /** All log directories in the order of the setting; never fails. */
  Future<List<Space>> spaces();
}
