package io.milena.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.testing.Waiting;
import io.milena.zookeeper.EpochCheckedWrites.AtomResult;
import io.milena.zookeeper.EpochCheckedWrites.Election;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.PartitionStateZNode;
import io.milena.zookeeper.layout.Paths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elections and the writes of controllers against a real ZooKeeper. */
class EpochCheckedWritesTest {
  @TempDir Path dir;
  private OneZooKeeper zooKeeper;

  @BeforeEach
  void startZooKeeper() {
    zooKeeper = new OneZooKeeper(dir);
  }

  @AfterEach
  void stopAll() {
    zooKeeper.close();
  }

  @Test
  void shouldRefuseEveryWriteOfAControllerThatWasReplaced() {
    ZkSession one = zooKeeper.open();
    ZkSession two = zooKeeper.open();
    Election first = Waiting.on(EpochCheckedWrites.elect(one, 1, 5));
    Waiting.on(first.writes().write(List.of(ZkOp.create("/by-one", null))));
    Election lost = Waiting.on(EpochCheckedWrites.elect(two, 2, 6));
    Waiting.on(two.delete(Paths.CONTROLLER, ZkOp.ANY_VERSION));

    Election second = Waiting.on(EpochCheckedWrites.elect(two, 2, 7));

    assertThat(lost.won()).isFalse();
    assertThat(lost.controller().brokerId()).isEqualTo(1);
    assertThat(second.writes().epoch()).isEqualTo(first.writes().epoch() + 1).isEqualTo(2);
    assertThatThrownBy(
            () -> Waiting.on(first.writes().write(List.of(ZkOp.create("/zombie", null)))))
        .isInstanceOf(ZkException.ControllerMoved.class);
    assertThat(Waiting.on(two.exists("/zombie"))).isEmpty();
    Waiting.on(first.writes().resign());
    assertThat(Waiting.on(two.exists(Paths.CONTROLLER))).isPresent();
  }

  @Test
  void shouldRecogniseAnElectionWhoseAnswerWasLost() {
    ZkSession session = zooKeeper.open();
    Election first = Waiting.on(EpochCheckedWrites.elect(session, 1, 5));

    Election again = Waiting.on(EpochCheckedWrites.elect(session, 1, 6));

    assertThat(again.won()).isTrue();
    assertThat(again.writes().epoch()).isEqualTo(first.writes().epoch());
    Waiting.on(again.writes().write(List.of(ZkOp.create("/x", null))));
  }

  @Test
  void shouldCreateAThousandPartitionsInWellUnderASecond() {
    ZkSession session = zooKeeper.open();
    Waiting.on(Bootstrap.createPersistentPaths(session));
    EpochCheckedWrites writes = Waiting.on(EpochCheckedWrites.elect(session, 1, 5)).writes();
    Waiting.on(
        writes.write(
            List.of(
                ZkOp.create(Paths.topic("t"), null), ZkOp.create(Paths.partitions("t"), null))));
    byte[] state = new PartitionStateZNode(1, 1, 0, List.of(1), false).encode();
    List<List<ZkOp>> atoms = new ArrayList<>();
    for (int p = 0; p < 1_000; p++) {
      atoms.add(
          List.of(
              ZkOp.create(Paths.partition("t", p), null),
              ZkOp.create(Paths.partitionState("t", p), state)));
    }
    long startNs = System.nanoTime();

    List<AtomResult> results = Waiting.on(writes.writeAll(atoms));

    long tookMs = (System.nanoTime() - startNs) / 1_000_000;
    System.out.println("1,000 partitions created in ZooKeeper in " + tookMs + " ms");
    assertThat(results).hasSize(1_000).allMatch(result -> result.error() == null);
    assertThat(tookMs).isLessThan(2_000);
    assertThat(Waiting.on(session.children(Paths.partitions("t")))).hasSize(1_000);
    List<String> paths = new ArrayList<>();
    for (int p = 0; p < 1_000; p++) {
      paths.add(Paths.partitionState("t", p));
    }
    startNs = System.nanoTime();
    assertThat(Waiting.on(session.findAll(paths))).allMatch(Optional::isPresent);
    System.out.println("read back in " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
  }

  @Test
  void shouldNotLetOneBadAtomHarmTheOthers() {
    ZkSession session = zooKeeper.open();
    EpochCheckedWrites writes = Waiting.on(EpochCheckedWrites.elect(session, 1, 5)).writes();
    Waiting.on(session.create("/b", null, ZkOp.Mode.PERSISTENT));

    List<AtomResult> results =
        Waiting.on(
            writes.writeAll(
                List.of(
                    List.of(ZkOp.create("/a", null)),
                    List.of(ZkOp.create("/before-b", null), ZkOp.setData("/b", null, 9)),
                    List.of(ZkOp.create("/c", null)))));

    assertThat(results.get(0).error()).isNull();
    assertThat(results.get(1).error())
        .isInstanceOfSatisfying(
            ZkException.BadVersion.class, e -> assertThat(e.opIndex()).isEqualTo(1));
    assertThat(results.get(2).error()).isNull();
    assertThat(Waiting.on(session.exists("/before-b"))).isEmpty();
    assertThat(Waiting.on(session.exists("/c"))).isPresent();
  }
}
