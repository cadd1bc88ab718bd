package io.milena.app.cli;

import io.milena.config.BrokerConfig;
import io.milena.log.batch.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code storage-info}: what lies in the data directories. Reads only; the broker may run. */
@Command(
    name = "storage-info",
    description = "Shows the segment files of the data directories.",
    mixinStandardHelpOptions = true)
final class StorageInfoCommand implements Callable<Integer> {
  private static final String LOG = ".log";
  private static final List<String> BESIDES =
      List.of(".index", ".timeindex", ".txnindex", ".snapshot");

  @Option(names = "--config", paramLabel = "FILE", description = "Where log.dirs is read from.")
  private String config;

  @Option(
      names = "--override",
      paramLabel = "KEY=VALUE",
      description = "A setting that wins over the file, e.g. log.dirs=/data.")
  private List<String> overrides = new ArrayList<>();

  @Parameters(paramLabel = "TOPIC", arity = "0..*", description = "Default: all topics.")
  private List<String> topics = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    BrokerConfig broker = BrokerConfig.parse(new StartArguments(config, overrides).settings());
    for (String dir : broker.logDirs()) {
      show(Path.of(dir));
    }
    return 0;
  }

  private void show(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new IOException("There is no directory " + dir + ".");
    }
    List<Path> partitions;
    try (Stream<Path> entries = Files.list(dir)) {
      partitions = entries.filter(this::wanted).sorted().toList();
    }
    System.out.println(dir + ": " + partitions.size() + " partitions");
    for (Path partition : partitions) {
      showPartition(partition);
    }
  }

  private boolean wanted(Path entry) {
    String name = entry.getFileName().toString();
    int dash = name.lastIndexOf('-');
    if (dash <= 0 || !Files.isDirectory(entry)) {
      return false;
    }
    boolean partition = name.substring(dash + 1).chars().allMatch(Character::isDigit);
    return partition
        && dash < name.length() - 1
        && (topics.isEmpty() || topics.contains(name.substring(0, dash)));
  }

  private static void showPartition(Path partition) throws IOException {
    List<Path> segments;
    try (Stream<Path> entries = Files.list(partition)) {
      segments = entries.filter(p -> p.getFileName().toString().endsWith(LOG)).sorted().toList();
    }
    System.out.println("  " + partition.getFileName());
    for (Path segment : segments) {
      showSegment(segment);
    }
  }

  private static void showSegment(Path segment) throws IOException {
    String stem = segment.getFileName().toString().replace(LOG, "");
    Contents contents = scan(segment);
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "    %s%s  %,d bytes  offsets %d to %d  %,d batches",
                stem,
                LOG,
                Files.size(segment),
                Long.parseLong(stem),
                contents.nextOffset() < 0 ? Long.parseLong(stem) : contents.nextOffset(),
                contents.batches()));
    for (String suffix : BESIDES) {
      Path beside = segment.resolveSibling(stem + suffix);
      if (Files.exists(beside)) {
        line.append(String.format(Locale.ROOT, "  %s %,d", suffix, Files.size(beside)));
      }
    }
    System.out.println(line);
  }

  /** {@code nextOffset} is -1 when there is no batch. */
  private record Contents(long batches, long nextOffset) {}

  /** Steps from header to header; stops at what is no batch, e.g. one that is being written. */
  private static Contents scan(Path segment) throws IOException {
    long batches = 0;
    long next = -1;
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
      long position = 0;
      long size = channel.size();
      while (position + BatchHeader.SIZE_BYTES <= size) {
        header.clear();
        if (channel.read(header, position) < BatchHeader.SIZE_BYTES) {
          break;
        }
        BatchHeader batch = BatchHeader.read(header, 0);
        if (batch.magic() != 2 || batch.sizeBytes() < BatchHeader.SIZE_BYTES) {
          break;
        }
        batches++;
        next = batch.nextOffset();
        position += batch.sizeBytes();
      }
    }
    return new Contents(batches, next);
  }
}
