package io.milena.storage.compaction;

import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts one compacted segment into the place of others by renaming files, as Kafka does, so that
 * each finishes or undoes what the other left half-way. Blocking.
 *
 * <pre>
 * 1  N.log.cleaned … N.txnindex.cleaned   become   N.log.swap … N.txnindex.swap
 * 2  the files of the old segments        become   M.log.deleted …
 * 3  N.log.swap … N.txnindex.swap         become   N.log … N.txnindex
 * </pre>
 *
 * A crash before the last .cleaned of N is gone: all of them count for nothing, the old segments
 * stand. After that: the .swap files are valid, the start removes what they cover and finishes (see
 * {@code recovery.FolderContents}).
 */
public final class SegmentSwap {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentSwap.class);

  /** Log first: a .cleaned index beside it says that step 1 is not over. */
  static final List<String> SUFFIXES =
      List.of(
          SegmentFiles.LOG, SegmentFiles.INDEX, SegmentFiles.TIME_INDEX, SegmentFiles.TXN_INDEX);

  private SegmentSwap() {}

  /** Step 1 did not succeed and was undone: the log is as it was. */
  public static final class NotBegun extends IOException {
    private static final long serialVersionUID = 1L;

    NotBegun(IOException cause) {
      super("the swap was not begun: " + cause, cause);
    }
  }

  /**
   * Carries out all three steps.
   *
   * @param base of the compacted segment, the same as the first old one's
   * @param oldBases of the segments that go
   * @return the .deleted files
   * @throws NotBegun when nothing happened
   * @throws IOException half-way: only a start can finish it
   */
  public static List<Path> run(Path folder, long base, List<Long> oldBases) throws IOException {
    begin(folder, base);
    List<Path> deleted = new ArrayList<>();
    for (long old : oldBases) {
      markDeleted(folder, old, base, deleted);
    }
    finish(folder, base);
    WholeFile.syncDirectory(folder);
    return deleted;
  }

  /**
   * Step 1. What another cleaning left behind goes first: a start would take it for proof that this
   * step had not ended, and drop the .swap files when the old ones are gone already.
   */
  static void begin(Path folder, long base) throws NotBegun {
    try {
      removeOthers(folder, base);
      for (String suffix : SUFFIXES) {
        rename(folder, base, suffix + SegmentFiles.CLEANED, suffix + SegmentFiles.SWAP);
      }
    } catch (IOException e) {
      undo(folder, base);
      throw new NotBegun(e);
    }
  }

  private static void removeOthers(Path folder, long base) throws IOException {
    String ours = SegmentFiles.name(base, "");
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(folder, "*" + SegmentFiles.CLEANED)) {
      for (Path leftover : leftovers) {
        if (!leftover.getFileName().toString().startsWith(ours)) {
          Files.deleteIfExists(leftover);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void undo(Path folder, long base) {
    for (String state : List.of(SegmentFiles.SWAP, SegmentFiles.CLEANED)) {
      for (String suffix : SUFFIXES) {
        try {
          Files.deleteIfExists(SegmentFiles.path(folder, base, suffix + state));
        } catch (IOException e) {
          LOG.warn("A leftover of a compaction in {} stays until the next start", folder, e);
        }
      }
    }
  }

  /** Step 2 for one segment; the producer snapshot at the first base stays. */
  static void markDeleted(Path folder, long old, long base, List<Path> deleted) throws IOException {
    for (String suffix : SUFFIXES) {
      markDeleted(folder, old, suffix, deleted);
    }
    if (old != base) {
      markDeleted(folder, old, SegmentFiles.SNAPSHOT, deleted);
    }
  }

  private static void markDeleted(Path folder, long old, String suffix, List<Path> deleted)
      throws IOException {
    if (rename(folder, old, suffix, suffix + SegmentFiles.DELETED)) {
      deleted.add(SegmentFiles.path(folder, old, suffix + SegmentFiles.DELETED));
    }
  }

  /** Step 3. */
  static void finish(Path folder, long base) throws IOException {
    for (String suffix : SUFFIXES) {
      rename(folder, base, suffix + SegmentFiles.SWAP, suffix);
    }
  }

  /** False when there is no such file, which may be for all but a log. */
  private static boolean rename(Path folder, long base, String from, String to) throws IOException {
    try {
      Files.move(
          SegmentFiles.path(folder, base, from),
          SegmentFiles.path(folder, base, to),
          StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      if (from.startsWith(SegmentFiles.LOG)) {
        throw e;
      }
      LOG.trace("{} of {} is not there", from, base, e);
      return false;
    }
  }
}
