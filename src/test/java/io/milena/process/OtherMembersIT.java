package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members that are not Java come, crash, come back and leave while records flow, and the broker is
 * killed in between where they outlive it. Skipped with a reason where such a client is not installed.
 */
@Timeout(240)
class OtherMembersIT {
  private static final int PARTITIONS = 4;
  private static final int RECORDS_PER_SECOND = 100;
  private static final Path SCRIPTS = Path.of("src/test/resources/process").toAbsolutePath();

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  private enum Client {
    KCAT,
    KAFKAJS,
    PLATFORMATIC_CLASSIC,
    PLATFORMATIC_CONSUMER;

    String group() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @BeforeAll
  static void startBroker() throws Exception {
    broker =
        new MilenaProcess(home)
            .with("group.initial.rebalance.delay.ms", "500")
            .with("group.consumer.min.session.timeout.ms", "6000")
            .with("group.consumer.session.timeout.ms", "6000")
            .with("group.consumer.min.heartbeat.interval.ms", "500")
            .with("group.consumer.heartbeat.interval.ms", "500")
            .start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    assertThat(GroupHistory.read(broker.bootstrap()).faults()).isEmpty();
    assertThat(broker.stop()).isIn(0, 143);
    assertThat(broker.log()).doesNotContain("ERROR").doesNotContain("has been blocked");
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void membersComeCrashReturnAndLeave(Client client) throws Exception {
    Map<String, String> environment = assumeInstalled(client);
    String topic = "flow-" + client.group();
    admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    List<String> command = command(client, topic);
    try (GroupLife life = new GroupLife(home, admin, broker.bootstrap(), topic, PARTITIONS);
        NumberedLoad load = new NumberedLoad(broker.bootstrap(), topic, PARTITIONS)) {
      load.paced(RECORDS_PER_SECOND).start();
      life.joinOther(client.group(), command, environment);
      ForkedJvm victim = life.joinOther(client.group(), command, environment);
      life.awaitRest();
      life.kill(victim);
      ForkedJvm back = life.joinOther(client.group(), command, environment);
      load.awaitProgress(RECORDS_PER_SECOND);
      if (client != Client.KCAT) { // it ends itself when no broker answers
        broker.kill();
        broker.start();
      }
      life.awaitRest();
      life.leave(back);
      life.awaitRest();
      load.finish();
      life.awaitCaughtUp();
      assertThat(life.faults()).isEmpty();
    }
  }

  private static List<String> command(Client client, String topic) {
    String group = client.group();
    return switch (client) {
      case KCAT -> kcat(topic, group);
      case KAFKAJS -> node("kafkajs-member.js", topic, group, "classic");
      case PLATFORMATIC_CLASSIC -> node("platformatic-member.js", topic, group, "classic");
      case PLATFORMATIC_CONSUMER -> node("platformatic-member.js", topic, group, "consumer");
    };
  }

  private static List<String> node(String script, String topic, String group, String protocol) {
    return List.of(
        "node", SCRIPTS.resolve(script).toString(), broker.bootstrap(), topic, group, protocol);
  }

  private static List<String> kcat(String topic, String group) {
    return List.of(
        "kcat",
        "-b",
        broker.bootstrap(),
        "-G",
        group,
        "-u",
        "-q",
        "-X",
        "auto.offset.reset=earliest",
        "-X",
        "session.timeout.ms=6000",
        "-X",
        "heartbeat.interval.ms=500",
        "-X",
        "auto.commit.interval.ms=200",
        "-f",
        group + " processed %p %o\\n",
        topic);
  }

  /** The environment to run it in. */
  private static Map<String, String> assumeInstalled(Client client) throws Exception {
    if (client == Client.KCAT) {
      Program.assumeInstalled(home, "kcat", "-V");
      return Map.of();
    }
    Program.assumeInstalled(home, "node", "--version");
    String module = client == Client.KAFKAJS ? "kafkajs" : "@platformatic/kafka";
    String inherited = System.getenv("NODE_PATH");
    String modules =
        inherited == null ? Program.of("npm", "root", "-g").run(home).out().trim() : inherited;
    Map<String, String> environment = Map.of("NODE_PATH", modules);
    Program probe = Program.of("node", "-e", "require('" + module + "')").with(environment);
    Program.assumeThat(
        probe.run(home).code() == 0, module + " is not installed (npm install -g " + module + ")");
    return environment;
  }
}
