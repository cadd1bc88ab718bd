package io.milena.app.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.StorageOptions;
import io.milena.testing.ImageChange;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of folders that no partition claims, with a real ZooKeeper and real folders. */
class StrayFoldersTest {
  private static final int OWN = 1;

  @TempDir Path zooKeeperDir;
  @TempDir Path data;

  private final Vertx vertx = Vertx.vertx();
  private EmbeddedZooKeeper server;
  private ZkSession zk;
  private LogDirectories directories;

  @BeforeEach
  void start() throws IOException {
    server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(zooKeeperDir, 0, 500));
    zk = get(ZkSession.open(vertx, new ZkOptions(server.connectString(), 4_000, 10_000, null)));
    get(Bootstrap.createPersistentPaths(zk));
    for (String folder : List.of("kept-0", "kept-1", "gone-0", "deleted-0", "broken-0")) {
      Files.writeString(Files.createDirectory(data.resolve(folder)).resolve("f"), "x");
    }
    get(zk.create(Paths.topic("broken"), null, ZkOp.Mode.PERSISTENT));
    get(zk.create(Paths.topic("deleted"), null, ZkOp.Mode.PERSISTENT));
    get(zk.create(Paths.deleteTopic("deleted"), null, ZkOp.Mode.PERSISTENT));
    directories =
        LogDirectories.open(
            new StorageOptions(
                List.of(data), 0, 1, 1 << 20, 16, 5_000, 60_000, 60_000, 86_400_000));
    directories.identify("cluster-id-of-22-chars", OWN);
    directories.attach(vertx);
  }

  @AfterEach
  void stop() {
    get(zk.close());
    get(vertx.close());
    server.close();
  }

  @Test
  void shouldPutAsideWhatNobodyClaimsAndRemoveWhatWasBeingDeleted() {
    StrayFolders strays = StrayFolders.look(OWN, directories, zk);
    get(zk.delete(Paths.deleteTopic("deleted"), -1)); // the controller goes on with its work
    get(zk.delete(Paths.topic("deleted"), -1));

    get(strays.putAside(image()));

    await().until(() -> folders("deleted").isEmpty());
    assertThat(folders("kept-0")).containsExactly("kept-0");
    assertThat(folders("kept-1"))
        .singleElement()
        .asString()
        .matches("kept-1\\.[0-9a-f]{32}-stray"); // the topic has one partition
    assertThat(folders("gone")).singleElement().asString().matches("gone-0\\..*-stray");
    assertThat(folders("broken")).containsExactly("broken-0");
    assertThat(get(directories.partitionsOnDisk()).toString()).doesNotContain("gone", "deleted");
  }

  private List<String> folders(String prefix) {
    try (Stream<Path> all = Files.list(data)) {
      return all.map(p -> p.getFileName().toString()).filter(n -> n.startsWith(prefix)).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ClusterImage image() {
    return ImageChange.of(ClusterImage.empty("cluster-id-of-22-chars"))
        .whole()
        .brokers(List.of(new BrokerImage(OWN, 1, null, List.of(), false, false)))
        .topics(List.of(ImageChange.topic("kept", Uuid.randomUuid(), 1)))
        .image();
  }

  private static <T> T get(Future<T> future) {
    return Waiting.on("test", future, 20_000);
  }
}
