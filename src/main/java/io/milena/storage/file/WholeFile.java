package io.milena.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are replaced as a whole. Blocking: storage workers or start-up only. */
public final class WholeFile {
  private WholeFile() {}

  /** Writes beside ({@code .tmp}), syncs, renames: a crash leaves the old file or the new one. */
  public static void write(Path file, ByteBuffer content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel = openNew(temporary)) {
      writeFully(channel, content);
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  public static void write(Path file, String content) throws IOException {
    write(file, ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes in place and syncs. */
  public static void writeSynced(Path file, ByteBuffer content) throws IOException {
    try (FileChannel channel = openNew(file)) {
      writeFully(channel, content);
      channel.force(true);
    }
  }

  /**
   * Writes in place without a sync: for files that are rebuilt or written again when a crash left
   * them torn.
   */
  public static void writeUnsafely(Path file, ByteBuffer content) throws IOException {
    try (FileChannel channel = openNew(file)) {
      writeFully(channel, content);
    }
  }

  /**
   * As {@link #writeUnsafely}, but a file that is there already stays whole until it is replaced.
   */
  public static void replaceUnsafely(Path file, ByteBuffer content) throws IOException {
    if (!Files.exists(file)) {
      writeUnsafely(file, content);
      return;
    }
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    writeUnsafely(temporary, content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static FileChannel openNew(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void writeFully(FileChannel channel, ByteBuffer content) throws IOException {
    while (content.hasRemaining()) {
      channel.write(content);
    }
  }

  /** Syncs names: entries created, renamed or removed in the directory survive a power loss. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Removes a folder with all in it. */
  public static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          deleteTree(entry);
        } else {
          Files.deleteIfExists(entry);
        }
      }
    }
    Files.deleteIfExists(folder);
  }
}
