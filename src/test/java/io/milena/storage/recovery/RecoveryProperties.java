package io.milena.storage.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.log.producer.ProducerState;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.recovery.OriginalLog.Placed;
import io.milena.storage.segment.IndexFiles;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What a crash or a bad disk leaves, however it looks, recovery keeps exactly the good prefix. */
class RecoveryProperties {
  @Property(tries = 150)
  void shouldKeepTheLongestGoodPrefixWhenAFileIsCut(
      @ForAll @Size(min = 1, max = 25) List<@IntRange(max = 200) Integer> sizes,
      @ForAll @IntRange(max = 1_000) int segment,
      @ForAll @LongRange(max = 100_000) long at)
      throws IOException {
    OriginalLog original = new OriginalLog(sizes);
    long base = original.pick(segment);
    int cut = (int) (at % (original.segments.get(base).size() + 1));
    boolean last = base == original.pick(original.segments.size() - 1);
    try (var file =
        Files.newByteChannel(path(original, base), java.nio.file.StandardOpenOption.WRITE)) {
      file.truncate(cut);
    }

    LoadedLog loaded = original.recover();

    // A cut exactly between two batches of an older segment is no damage that bytes could show.
    boolean visible =
        last
            || original.batches.stream()
                .noneMatch(b -> b.segmentBase() == base && b.position() == cut);
    if (visible && cut < original.segments.get(base).size()) {
      assertRecovered(original, loaded, original.prefix(base, cut));
    }
    original.delete();
  }

  @Property(tries = 150)
  void shouldKeepTheLongestGoodPrefixWhenABitIsFlipped(
      @ForAll @Size(min = 1, max = 25) List<@IntRange(max = 200) Integer> sizes,
      @ForAll @IntRange(max = 1_000) int segment,
      @ForAll @LongRange(max = 100_000) long at,
      @ForAll @IntRange(max = 7) int bit)
      throws IOException {
    OriginalLog original = new OriginalLog(sizes);
    long base = original.pick(segment);
    byte[] bytes = original.segments.get(base).toByteArray();
    int broken = (int) (at % bytes.length);
    Placed hit =
        original.batches.stream()
            .filter(
                b ->
                    b.segmentBase() == base
                        && b.position() <= broken
                        && broken < b.position() + b.header().sizeBytes())
            .findFirst()
            .orElseThrow();
    boolean covered = broken - hit.position() >= 16 || isLength(broken - hit.position());
    bytes[broken] ^= (byte) (1 << bit);
    Files.write(path(original, base), bytes);

    LoadedLog loaded = original.recover();

    // Base offset and leader epoch are outside the CRC.
    if (covered) {
      assertRecovered(original, loaded, original.prefix(base, broken));
    }
    original.delete();
  }

  private static boolean isLength(int at) {
    return at >= 8 && at < 12;
  }

  @Property(tries = 60)
  void shouldIgnoreWhatStandsBehindTheLastBatch(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 200) Integer> sizes,
      @ForAll @Size(min = 1, max = 400) List<@IntRange(max = 255) Integer> garbage)
      throws IOException {
    OriginalLog original = new OriginalLog(sizes);
    long base = original.pick(original.segments.size() - 1);
    byte[] tail = new byte[garbage.size()];
    for (int i = 0; i < tail.length; i++) {
      tail[i] = garbage.get(i).byteValue();
    }
    Files.write(path(original, base), tail, java.nio.file.StandardOpenOption.APPEND);

    LoadedLog loaded = original.recover();

    assertRecovered(original, loaded, original.batches);
    assertThat(loaded.cutBelowHighWatermark()).isFalse();
    original.delete();
  }

  private static Path path(OriginalLog original, long base) {
    return SegmentFiles.path(original.folder, base, SegmentFiles.LOG);
  }

  private static void assertRecovered(OriginalLog original, LoadedLog loaded, List<Placed> expected)
      throws IOException {
    long end = expected.isEmpty() ? 0 : expected.get(expected.size() - 1).header().nextOffset();
    assertThat(loaded.logEndOffset()).isEqualTo(end);
    assertThat(loaded.recoveryPoint()).isEqualTo(end);
    assertThat(loaded.cutBelowHighWatermark()).isEqualTo(end < original.end);
    long bytes = expected.stream().mapToLong(b -> b.header().sizeBytes()).sum();
    assertThat(loaded.segments().stream().mapToLong(s -> s.sizeBytes).sum()).isEqualTo(bytes);
    for (Segment segment : loaded.segments()) {
      assertThat(Files.size(segment.logFile())).isEqualTo(segment.sizeBytes);
      IndexFiles.Target target = IndexFiles.Target.of(segment, 100);
      SegmentIndexes fresh = IndexFiles.rebuild(target);
      SegmentIndexes kept = segment.indexes;
      if (kept == null) {
        kept = IndexFiles.load(target);
      } else {
        kept.close();
      }
      assertThat(kept.offsets.encode(0)).isEqualTo(fresh.offsets.encode(0));
      assertThat(kept.times.encode(0)).isEqualTo(fresh.times.encode(0));
    }
    assertThat(comparable(loaded.producers())).isEqualTo(comparable(fold(expected)));
  }

  private static ProducerStates fold(List<Placed> batches) {
    ProducerStates states = new ProducerStates();
    batches.forEach(b -> states.apply(b.header(), null));
    return states;
  }

  /** What a snapshot keeps of a producer: older batches may be missing after a restart. */
  private static List<String> comparable(ProducerStates states) {
    return states.active().stream()
        .sorted(Comparator.comparingLong(ProducerState::producerId))
        .map(s -> s.producerId() + " " + s.epoch() + " " + s.batches().last())
        .toList();
  }
}
