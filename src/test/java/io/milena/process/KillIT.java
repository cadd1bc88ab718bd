package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is killed again and again loses nothing that it acknowledged. */
class KillIT {
  private static final int PARTITIONS = 4;

  @TempDir Path home;

  @Test
  void tenKillsUnderLoadLoseAndDoubleNothing() throws Exception {
    killUnderLoad(10);
  }

  @Test
  @Tag("long")
  void fiftyKillsUnderLoadLoseAndDoubleNothing() throws Exception {
    killUnderLoad(50);
  }

  private void killUnderLoad(int kills) throws Exception {
    long seed = System.nanoTime();
    System.out.println("KillIT: " + kills + " kills, seed " + seed);
    Random random = new Random(seed);
    try (MilenaProcess broker = smallSegments(new MilenaProcess(home)).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("killed", PARTITIONS, (short) 1))).all().get();
      try (NumberedLoad load = new NumberedLoad(broker.bootstrap(), "killed", PARTITIONS)) {
        load.start();
        for (int i = 0; i < kills; i++) {
          load.awaitProgress(200 + random.nextInt(3_000));
          broker.kill();
          broker.start();
        }
        load.awaitProgress(500);
        load.finish();
        assertThat(load.faults(broker.bootstrap())).as("seed %s", seed).isEmpty();
        System.out.println("KillIT: " + load.acknowledged() + " acknowledged, all found once");
      }
    }
  }

  private static MilenaProcess smallSegments(MilenaProcess broker) {
    return broker.with("log.segment.bytes", "1048576").with("log.index.interval.bytes", "1024");
  }
}
