package io.milena.storage.recovery;

import io.milena.storage.file.SegmentFiles;
import io.milena.storage.segment.HeaderWalk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a partition's folder holds once the leftovers of interrupted work are gone. Blocking.
 *
 * <p>{@code .deleted}, {@code .cleaned} and {@code .tmp} files were never valid or no longer are.
 * {@code .swap} files are the outcome of a compaction that was about to replace segments: valid
 * unless a {@code .cleaned} file with an offset not above theirs shows that the compaction itself
 * had not finished; the replacement is then completed.
 */
final class FolderContents {
  private static final Logger LOG = LoggerFactory.getLogger(FolderContents.class);
  private static final String TEMPORARY = ".tmp";
  private static final List<String> INDEX_SUFFIXES =
      List.of(SegmentFiles.INDEX, SegmentFiles.TIME_INDEX, SegmentFiles.TXN_INDEX);

  /** Size of each .log file by base offset. */
  final TreeMap<Long, Long> logs = new TreeMap<>();

  final TreeSet<Long> snapshots = new TreeSet<>();
  final Set<String> names = new HashSet<>();
  private final Path folder;

  private FolderContents(Path folder) {
    this.folder = folder;
  }

  /** Tidies and lists the folder. */
  static FolderContents of(Path folder) throws IOException {
    FolderContents contents = new FolderContents(folder);
    contents.tidy();
    contents.classify();
    return contents;
  }

  private void tidy() throws IOException {
    List<String> swaps = new ArrayList<>();
    long minCleaned = Long.MAX_VALUE;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.endsWith(SegmentFiles.CLEANED)) {
          minCleaned = Math.min(minCleaned, offsetOf(name));
        }
        boolean leftover =
            name.endsWith(SegmentFiles.DELETED)
                || name.endsWith(SegmentFiles.CLEANED)
                || name.endsWith(TEMPORARY);
        if (leftover) {
          Files.deleteIfExists(entry);
        } else if (name.endsWith(SegmentFiles.SWAP)) {
          swaps.add(name);
        } else {
          names.add(name);
        }
      }
    }
    if (!swaps.isEmpty()) {
      finishSwap(swaps, minCleaned);
    }
  }

  private static long offsetOf(String name) {
    int dot = name.indexOf('.');
    long offset = dot < 0 ? -1 : SegmentFiles.baseOffset(name.substring(0, dot), "");
    return offset < 0 ? Long.MAX_VALUE : offset;
  }

  private void finishSwap(List<String> swaps, long minCleaned) throws IOException {
    Set<String> replaced = new HashSet<>();
    for (String name : swaps) {
      String target = name.substring(0, name.length() - SegmentFiles.SWAP.length());
      if (offsetOf(name) >= minCleaned) {
        Files.deleteIfExists(folder.resolve(name));
      } else {
        LOG.info("Finishing an interrupted compaction: {} in {}", target, folder);
        removeCovered(name, target, swaps, replaced);
        Files.move(
            folder.resolve(name),
            folder.resolve(target),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        names.add(target);
      }
    }
    names.removeAll(replaced);
  }

  /** The segments whose content the swapped one holds go. */
  private void removeCovered(
      String swapName, String target, List<String> swaps, Set<String> replaced) throws IOException {
    long base = SegmentFiles.baseOffset(target, SegmentFiles.LOG);
    if (base < 0) {
      return;
    }
    long swapEnd = lastOffset(folder.resolve(swapName));
    for (String suffix : INDEX_SUFFIXES) {
      // An index of what was there before says wrong things about what comes.
      String index = SegmentFiles.name(base, suffix);
      if (names.contains(index) && !swaps.contains(index + SegmentFiles.SWAP)) {
        remove(index, replaced);
      }
    }
    for (String name : List.copyOf(names)) {
      long other = SegmentFiles.baseOffset(name, SegmentFiles.LOG);
      boolean inside = other > base && other <= swapEnd;
      boolean isSwapped = swaps.contains(name + SegmentFiles.SWAP);
      if (inside && !isSwapped && lastOffset(folder.resolve(name)) <= swapEnd) {
        for (String suffix : INDEX_SUFFIXES) {
          remove(SegmentFiles.name(other, suffix), replaced);
        }
        remove(name, replaced);
      }
    }
  }

  private void remove(String name, Set<String> replaced) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
    replaced.add(name);
  }

  private static long lastOffset(Path log) throws IOException {
    long last = -1;
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      HeaderWalk walk = new HeaderWalk(channel, (int) channel.size());
      for (boolean more = walk.moveTo(0); more; more = walk.next()) {
        last = walk.lastOffset();
      }
    }
    return last;
  }

  private void classify() throws IOException {
    for (String name : names) {
      long log = SegmentFiles.baseOffset(name, SegmentFiles.LOG);
      long snapshot = SegmentFiles.baseOffset(name, SegmentFiles.SNAPSHOT);
      if (log >= 0) {
        logs.put(log, Files.size(folder.resolve(name)));
      } else if (snapshot >= 0) {
        snapshots.add(snapshot);
      }
    }
    for (String name : names) {
      for (String suffix : INDEX_SUFFIXES) {
        long base = SegmentFiles.baseOffset(name, suffix);
        if (base >= 0 && !logs.containsKey(base)) {
          LOG.warn("{} in {} has no log and is removed", name, folder);
          Files.deleteIfExists(folder.resolve(name));
        }
      }
    }
  }
}
