package io.milena.storage.directory;

import io.milena.storage.file.StorageException;
import io.milena.storage.file.WholeFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * meta.properties of one log directory, in Java's properties format:
 *
 * <pre>
 * version=0             ZooKeeper mode; 1 (KRaft) is refused
 * broker.id=N           optional until the id is known
 * cluster.id=...        optional until the id is known
 * </pre>
 *
 * Written whole beside and renamed, so a crash leaves the old or the new file. Unknown keys are
 * kept.
 */
final class MetaProperties {
  static final String FILE_NAME = "meta.properties";
  private final Properties properties;

  private MetaProperties(Properties properties) {
    this.properties = properties;
  }

  /**
   * Reads the file of a directory, empty when there is none.
   *
   * @throws StorageException when it is of KRaft or garbled
   */
  static MetaProperties read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    Properties properties = new Properties();
    if (Files.exists(file)) {
      properties.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
      String version = properties.getProperty("version");
      if ("1".equals(version) || properties.containsKey("node.id")) {
        throw new StorageException(
            file + " was written by Kafka in KRaft mode; Milena takes over ZooKeeper mode only");
      }
      if (!"0".equals(version)) {
        throw new StorageException(file + " has the unknown version " + version);
      }
    }
    MetaProperties meta = new MetaProperties(properties);
    meta.checkBrokerId(file);
    return meta;
  }

  private void checkBrokerId(Path file) {
    String id = properties.getProperty("broker.id");
    if (id != null && !id.matches("\\d{1,9}")) {
      throw new StorageException(file + " has the broker.id '" + id + "', which is no number");
    }
  }

  /** Null when not known. */
  String clusterId() {
    return properties.getProperty("cluster.id");
  }

  /** -1 when not known. */
  int brokerId() {
    return Integer.parseInt(properties.getProperty("broker.id", "-1"));
  }

  /** Stores both ids; does nothing when they are there. */
  void write(Path directory, String clusterId, int brokerId) throws IOException {
    if (clusterId.equals(clusterId()) && brokerId == brokerId()) {
      return;
    }
    properties.setProperty("version", "0");
    properties.setProperty("cluster.id", clusterId);
    properties.setProperty("broker.id", Integer.toString(brokerId));
    StringWriter text = new StringWriter();
    properties.store(text, null);
    WholeFile.write(directory.resolve(FILE_NAME), text.toString());
  }
}
