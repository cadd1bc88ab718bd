package io.milena.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.testing.Waiting;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.Paths;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first steps of a broker against a real ZooKeeper. */
class BootstrapTest {
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
  void shouldRegisterWithVersionOneAndTheCreationZxidAsEpoch() {
    ZkSession session = zooKeeper.open();

    long epoch = Waiting.on(OneZooKeeper.registered(session));

    ZNode node = Waiting.on(session.get(Paths.broker(1)));
    assertThat(node.stat().version()).isEqualTo(1);
    assertThat(node.stat().czxid()).isEqualTo(epoch);
    assertThat(BrokerZNode.decode(1, node.data())).isEqualTo(OneZooKeeper.broker(1));
    assertThat(Waiting.on(Bootstrap.register(session, OneZooKeeper.broker(1)))).isEqualTo(epoch);
  }

  @Test
  void shouldRefuseTheIdOfALivingStranger() {
    Waiting.on(OneZooKeeper.registered(zooKeeper.open()));

    assertThatThrownBy(() -> Waiting.on(OneZooKeeper.registered(zooKeeper.open())))
        .isInstanceOf(ZkException.NodeExists.class);
  }

  @Test
  void shouldGiveNewBrokerIdsAndOneClusterId() {
    ZkSession session = zooKeeper.open();
    Waiting.on(Bootstrap.createPersistentPaths(session));

    int first = Waiting.on(Bootstrap.nextBrokerId(session, 1000));
    int second = Waiting.on(Bootstrap.nextBrokerId(session, 1000));
    String id = Waiting.on(Bootstrap.clusterId(session, () -> "AAAAAAAAAAAAAAAAAAAAAA"));
    String again = Waiting.on(Bootstrap.clusterId(session, () -> "BBBBBBBBBBBBBBBBBBBBBB"));

    assertThat(first).isEqualTo(1001);
    assertThat(second).isEqualTo(1002);
    assertThat(id).isEqualTo(again).isEqualTo("AAAAAAAAAAAAAAAAAAAAAA");
  }
}
