package io.milena.storage.recovery;

import io.milena.base.RandomSource;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.StorageBed;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A log of several segments as a broker that was killed left it, in a fresh folder, and what is
 * known of it: tests damage its files and recover it.
 */
final class OriginalLog {
  private static final int SEGMENT_BYTES = 900;

  /** One batch of it. */
  record Placed(long segmentBase, int position, BatchHeader header) {}

  final Path folder;
  final List<Placed> batches = new ArrayList<>();
  final Map<Long, ByteArrayOutputStream> segments = new HashMap<>();
  long end;

  /**
   * @param sizes of the batches: bytes per value; they also say how many records there are and of
   *     which of three producers
   */
  OriginalLog(List<Integer> sizes) throws IOException {
    folder = Files.createTempDirectory("recovery").resolve("t-0");
    Files.createDirectories(folder);
    ProducerStates producers = new ProducerStates();
    int[] sequences = new int[3];
    long base = 0;
    segments.put(0L, new ByteArrayOutputStream());
    for (int i = 0; i < sizes.size(); i++) {
      int records = 1 + sizes.get(i) % 4;
      int producer = sizes.get(i) % 3;
      ByteBuffer bytes =
          StorageBed.batch(
                  end, records, sizes.get(i), 1 + 1_000L * i, 100 + producer, sequences[producer])
              .buffer();
      sequences[producer] += records;
      if (segments.get(base).size() + bytes.remaining() > SEGMENT_BYTES
          && segments.get(base).size() > 0) {
        base = end;
        segments.put(base, new ByteArrayOutputStream());
        WholeFile.writeUnsafely(
            SegmentFiles.path(folder, base, SegmentFiles.SNAPSHOT),
            ProducerSnapshot.encode(producers.active()));
      }
      BatchHeader header = header(bytes);
      batches.add(new Placed(base, segments.get(base).size(), header));
      producers.apply(header, bytes);
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      segments.get(base).write(copy);
      end = header.nextOffset();
    }
    for (var segment : segments.entrySet()) {
      Files.write(
          SegmentFiles.path(folder, segment.getKey(), SegmentFiles.LOG),
          segment.getValue().toByteArray());
    }
  }

  private static BatchHeader header(ByteBuffer bytes) {
    List<BatchHeader> found = new ArrayList<>();
    new BatchScanner(true).scan(bytes, 0, found);
    return found.get(0);
  }

  /** Batches before the one that holds a byte of a segment. */
  List<Placed> prefix(long segmentBase, int brokenByte) {
    return batches.stream()
        .filter(
            b ->
                b.segmentBase() < segmentBase
                    || (b.segmentBase() == segmentBase
                        && b.position() + b.header().sizeBytes() <= brokenByte))
        .toList();
  }

  long pick(int where) {
    List<Long> bases = segments.keySet().stream().sorted().toList();
    return bases.get(where % bases.size());
  }

  LoadedLog recover() throws IOException {
    return new LogLoader(
            new LoadRequest(
                folder,
                StorageBed.TOPIC_ID,
                StorageBed.small(SEGMENT_BYTES),
                false,
                false,
                -1,
                -1,
                end,
                Integer.MAX_VALUE,
                RandomSource.system(),
                0))
        .load();
  }

  /** Removes it from the disk. */
  void delete() throws IOException {
    WholeFile.deleteTree(folder.getParent());
  }
}
