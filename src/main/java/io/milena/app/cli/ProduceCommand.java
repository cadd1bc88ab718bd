package io.milena.app.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code produce}: each line of the input becomes a record. */
@Command(
    name = "produce",
    description = "Sends each line of a file, or of standard input, as a record.",
    mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {
  private static final int INPUT_BUFFER_BYTES = 1 << 20;
  private static final int BATCH_BYTES = 64 * 1024;
  private static final int MEMORY_BYTES = 64 << 20;

  @Mixin private Connect connect;

  @Parameters(paramLabel = "TOPIC")
  private String topic;

  @Option(names = "--file", paramLabel = "FILE", description = "Default: standard input.")
  private Path file;

  @Option(names = "--partition", description = "Default: the producer chooses.")
  private Optional<Integer> partition = Optional.empty();

  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      defaultValue = "none",
      description = "none, gzip, snappy, lz4 or zstd (default: ${DEFAULT-VALUE}).")
  private String compression;

  @Option(
      names = "--acks",
      defaultValue = "all",
      description = "0, 1 or all (default: ${DEFAULT-VALUE}).")
  private String acks;

  @Option(
      names = "--key-separator",
      paramLabel = "TEXT",
      description = "What parts key and value in a line; without it there are no keys.")
  private String keySeparator;

  private final AtomicReference<Exception> failure = new AtomicReference<>();

  @Override
  public Integer call() throws Exception {
    Progress progress = new Progress("Sent");
    try (InputStream in = input();
        Producer<byte[], byte[]> producer = new KafkaProducer<>(properties())) {
      Lines lines = new Lines(in);
      for (byte[] line = lines.next(); line != null && failure.get() == null; line = lines.next()) {
        producer.send(
            record(line),
            (sent, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
        progress.add(line.length);
      }
      producer.flush();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    progress.done();
    return 0;
  }

  private InputStream input() throws IOException {
    return new BufferedInputStream(
        file == null ? System.in : Files.newInputStream(file), INPUT_BUFFER_BYTES);
  }

  private Properties properties() {
    Properties properties = connect.properties();
    properties.setProperty(ProducerConfig.ACKS_CONFIG, acks);
    properties.setProperty(
        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, Boolean.toString(acks.equals("all")));
    properties.setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression);
    properties.setProperty(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(BATCH_BYTES));
    properties.setProperty(ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(MEMORY_BYTES));
    properties.setProperty(
        ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    properties.setProperty(
        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    return properties;
  }

  private ProducerRecord<byte[], byte[]> record(byte[] line) {
    if (keySeparator == null) {
      return new ProducerRecord<>(topic, partition.orElse(null), null, line);
    }
    String text = new String(line, StandardCharsets.UTF_8);
    int at = text.indexOf(keySeparator);
    if (at < 0) {
      throw new IllegalArgumentException("A line has no '" + keySeparator + "': " + text);
    }
    return new ProducerRecord<>(
        topic,
        partition.orElse(null),
        text.substring(0, at).getBytes(StandardCharsets.UTF_8),
        text.substring(at + keySeparator.length()).getBytes(StandardCharsets.UTF_8));
  }

  /** Lines as bytes, without their line feeds; nothing else is taken away. */
  private static final class Lines {
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(InputStream in) {
      this.in = in;
    }

    /** The next line, or null at the end. */
    byte[] next() throws IOException {
      line.reset();
      int b = in.read();
      if (b < 0) {
        return null;
      }
      while (b >= 0 && b != '\n') {
        line.write(b);
        b = in.read();
      }
      return line.toByteArray();
    }
  }
}
