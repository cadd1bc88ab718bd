package io.milena.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real file system of a few MB that a test can fill, enlarge and break. Mounting needs root:
 * where that is not possible the test is skipped and says so.
 */
final class SmallDisk implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final String FILLING = "filling";

  private final Path scratch;
  private final Path mountPoint;

  private SmallDisk(Path scratch, Path mountPoint) {
    this.scratch = scratch;
    this.mountPoint = mountPoint;
  }

  /** A disk in memory, mounted below {@code scratch}. */
  static SmallDisk inMemory(Path scratch, int sizeMb) throws Exception {
    return mount(scratch, List.of("-t", "tmpfs", "-o", "size=" + sizeMb + "m", "tmpfs"));
  }

  /** An ext4 file system in a file of {@code scratch}; it can {@link #breakDown}. */
  static SmallDisk ext4(Path scratch, int sizeMb) throws Exception {
    Path image = scratch.resolve("image");
    Files.createDirectories(scratch);
    try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) sizeMb << 20);
    }
    Program.assumeInstalled(scratch, "mkfs.ext4", "-V");
    Program.of("mkfs.ext4", "-q", image.toString()).succeed(scratch);
    return mount(scratch, List.of("-t", "ext4", "-o", "loop", image.toString()));
  }

  private static SmallDisk mount(Path scratch, List<String> what) throws Exception {
    Path mountPoint = Files.createDirectories(scratch.resolve("disk"));
    List<String> words = new ArrayList<>(List.of("mount"));
    words.addAll(what);
    words.add(mountPoint.toString());
    boolean mounted;
    try {
      mounted = Program.of(words).run(scratch).code() == 0;
    } catch (IOException e) {
      mounted = false;
    }
    Program.assumeThat(mounted, "this user cannot mount a file system: " + words);
    return new SmallDisk(scratch, mountPoint);
  }

  /** Where it is mounted. */
  Path path() {
    return mountPoint;
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(mountPoint).getUsableSpace();
  }

  /** Only for one in memory. */
  void resize(int sizeMb) throws Exception {
    remount("size=" + sizeMb + "m");
  }

  /** Takes room away that {@link #giveBack} returns. */
  void take(String name, int megabytes) throws IOException {
    Files.write(mountPoint.resolve(name), new byte[megabytes << 20]);
  }

  void giveBack(String name) throws IOException {
    Files.deleteIfExists(mountPoint.resolve(name));
  }

  /** Writes until there is no room for another byte; until {@link #empty}. */
  void fill() throws IOException {
    boolean full = false;
    try (OutputStream out = Files.newOutputStream(mountPoint.resolve(FILLING))) {
      for (int bytes = CHUNK_BYTES; bytes > 0; ) {
        try {
          out.write(new byte[bytes]);
        } catch (IOException e) {
          full = true;
          bytes /= 2;
        }
      }
    }
    if (!full) {
      throw new IOException(mountPoint + " did not become full");
    }
  }

  void empty() throws IOException {
    giveBack(FILLING);
  }

  /** From now on it can be read, and every write fails, as after an error of the device. */
  void breakDown() throws Exception {
    remount("abort");
  }

  private void remount(String option) throws Exception {
    Program.of("mount", "-o", "remount," + option, mountPoint.toString()).succeed(scratch);
  }

  @Override
  public void close() throws Exception {
    Program.of("umount", "-l", mountPoint.toString()).succeed(scratch);
  }
}
