package io.milena.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a search reads does not decide how much memory it takes. */
class TimestampSearchTest {
  @TempDir Path dir;

  @Test
  void aRecordThatBecomesHugeIsFoundWithoutItsValue() throws IOException {
    ByteBuffer bomb =
        MemoryRecords.withRecords(
                Compression.gzip().build(),
                new SimpleRecord(10, new byte[] {1}, new byte[64 << 20]),
                new SimpleRecord(20, new byte[] {2}, new byte[] {2}))
            .buffer();
    int sizeBytes = bomb.remaining();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (FileChannel channel =
        FileChannel.open(
            dir.resolve("log"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      channel.write(bomb);
      long before = threads.getCurrentThreadAllocatedBytes();

      TimestampedOffset found =
          TimestampSearch.firstAt(channel, 0, sizeBytes, 15, 0, Long.MAX_VALUE);

      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(found.offset()).isEqualTo(1);
      assertThat(found.timestampMs()).isEqualTo(20);
      assertThat(allocated).isLessThan(16 << 20);
    }
  }
}
