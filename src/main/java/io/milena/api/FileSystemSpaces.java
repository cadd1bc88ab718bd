package io.milena.api;

import io.milena.storage.LogDirectory;
import io.vertx.core.Future;
import io.vertx.core.file.FileSystem;
import java.util.ArrayList;
import java.util.List;

/** Asks the file system, through Vert.x, off the event loop. */
public final class FileSystemSpaces implements LogDirSpaces {
  private static final long UNKNOWN = -1;

  private final FileSystem files;
  private final List<LogDirectory> directories;

  public FileSystemSpaces(FileSystem files, List<LogDirectory> directories) {
    this.files = files;
    this.directories = List.copyOf(directories);
  }

  @Override
  public Future<List<Space>> spaces() {
    List<Future<Space>> asked = new ArrayList<>(directories.size());
    for (LogDirectory directory : directories) {
      String path = directory.path().toAbsolutePath().toString();
      boolean online = directory.online();
      asked.add(
          files
              .fsProps(path)
              .map(props -> new Space(path, online, props.totalSpace(), props.usableSpace()))
              .otherwise(unreadable -> new Space(path, online, UNKNOWN, UNKNOWN)));
    }
    return Future.all(asked).map(all -> all.list());
  }
}
