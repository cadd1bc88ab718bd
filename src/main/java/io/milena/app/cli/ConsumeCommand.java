package io.milena.app.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code consume}: writes the values of records, a line each, without a consumer group. */
@Command(
    name = "consume",
    description = "Writes the records of a topic to standard output, one per line.",
    mixinStandardHelpOptions = true)
final class ConsumeCommand implements Callable<Integer> {
  private static final int OUTPUT_BUFFER_BYTES = 1 << 20;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final String FETCH_BYTES = Integer.toString(4 << 20);

  @Mixin private Connect connect;

  @Parameters(paramLabel = "TOPIC")
  private String topic;

  @Option(names = "--partition", description = "Default: all partitions.")
  private Optional<Integer> partition = Optional.empty();

  @Option(
      names = "--offset",
      paramLabel = "WHERE",
      defaultValue = "earliest",
      description = "earliest, latest or a number (default: ${DEFAULT-VALUE}).")
  private String offset;

  @Option(names = "--max-records", description = "End after so many records.")
  private OptionalLong maxRecords = OptionalLong.empty();

  @Option(names = "--exit-at-end", description = "End when all there was at the start is read.")
  private boolean exitAtEnd;

  @Option(names = "--key-separator", paramLabel = "TEXT", description = "Write keys, too.")
  private String keySeparator;

  @Option(names = "--read-committed", description = "Leave out aborted transactions.")
  private boolean readCommitted;

  @Override
  public Integer call() throws Exception {
    Progress progress = new Progress("Read");
    try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties());
        OutputStream out = new BufferedOutputStream(System.out, OUTPUT_BUFFER_BYTES)) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends =
          exitAtEnd ? consumer.endOffsets(partitions) : new HashMap<>();
      seek(consumer, partitions);
      long left = maxRecords.orElse(Long.MAX_VALUE);
      while (left > 0 && !(exitAtEnd && atEnd(consumer, ends))) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        left = write(records, left, out, progress);
        if (System.out.checkError()) {
          throw new IOException("Standard output was closed.");
        }
      }
    }
    progress.done();
    return 0;
  }

  private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .filter(p -> partition.isEmpty() || partition.get() == p.partition())
            .toList();
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "There is no " + partition.map(p -> "partition " + p + " of ").orElse("") + topic + ".");
    }
    return all;
  }

  private void seek(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    switch (offset) {
      case "earliest" -> consumer.seekToBeginning(partitions);
      case "latest" -> consumer.seekToEnd(partitions);
      default -> {
        long from = Long.parseLong(offset);
        partitions.forEach(p -> consumer.seek(p, from));
      }
    }
  }

  private static boolean atEnd(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
  }

  private long write(
      ConsumerRecords<byte[], byte[]> records, long limit, OutputStream out, Progress progress)
      throws IOException {
    long left = limit;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (left == 0) {
        break;
      }
      left--;
      if (keySeparator != null) {
        if (record.key() != null) {
          out.write(record.key());
        }
        out.write(keySeparator.getBytes(StandardCharsets.UTF_8));
      }
      if (record.value() != null) {
        out.write(record.value());
      }
      out.write('\n');
      progress.add(Math.max(0, record.serializedValueSize()));
    }
    out.flush();
    return left;
  }

  private Properties properties() {
    Properties properties = connect.properties();
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    properties.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "10000");
    properties.setProperty(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        readCommitted ? "read_committed" : "read_uncommitted");
    properties.setProperty(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.setProperty(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }
}
