package io.milena.storage.directory;

import java.nio.file.Path;

/**
 * One entry of {@code log.dirs} as one {@code LogStore} sees it. Owned by that store's event loop,
 * which is told when the directory fails and how much may still be written.
 */
public final class LogDirectory {
  private final int index;
  private final Path path;
  private final Runnable askRoom;
  private boolean online = true;
  private long grantedBytes = Long.MAX_VALUE;
  private long roomBytes = Long.MAX_VALUE;
  private boolean roomAsked;

  public LogDirectory(int index, Path path, Runnable askRoom) {
    this.index = index;
    this.path = path;
    this.askRoom = askRoom;
  }

  /** Place in {@code log.dirs}. */
  public int index() {
    return index;
  }

  public Path path() {
    return path;
  }

  /** False after a fatal error: nothing is written there any more until the broker restarts. */
  public boolean online() {
    return online;
  }

  public void setOffline() {
    online = false;
  }

  /** What the file system has left above the reserve, as this store's share. */
  public void grantRoom(long bytes) {
    grantedBytes = bytes;
    roomBytes = bytes;
    roomAsked = false;
  }

  /** Takes room for a write; false when there is none (milena.disk.reserve.bytes). */
  public boolean takeRoom(long bytes) {
    boolean enough = bytes <= roomBytes;
    if (enough) {
      roomBytes -= bytes;
    }
    if (!enough || roomBytes < grantedBytes / 2) {
      ask();
    }
    return enough;
  }

  /** What may still be written, as far as is known. */
  public long roomBytes() {
    return roomBytes;
  }

  /** The file system is full, whatever was granted: nothing more until it was asked again. */
  public void noRoom() {
    roomBytes = 0;
    ask();
  }

  private void ask() {
    if (!roomAsked) {
      roomAsked = true;
      askRoom.run();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
