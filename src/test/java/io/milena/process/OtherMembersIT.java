package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members that are not Java come, crash, come back and leave while records flow, and the broker is
 * killed in between. A client that is not installed is left out, with the reason printed.
 *
 * <p>{@code -Dmilena.others.broker=kafka44} tells the story with Apache Kafka 4.4 instead, and
 * {@code -Dmilena.others.only=KCAT} with some of the clients: that shows whether a client
 * misbehaves or Milena does.
 */
@Timeout(240)
class OtherMembersIT {
  private static final String TOPIC = "flow";
  private static final int PARTITIONS = 4;
  private static final int RECORDS_PER_SECOND = 100;

  /** Version 2 can be loaded in Node.js 20, but fails at its first call: Promise.withResolvers. */
  private static final String PLATFORMATIC_PROBE =
      "const { Consumer } = require('@platformatic/kafka');"
          + "new Consumer({ groupId: 'a', clientId: 'a', bootstrapBrokers: ['127.0.0.1:1'] }).close()";

  private static final Path SCRIPTS = Path.of("src/test/resources/process").toAbsolutePath();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path home;

  private static BrokerProcess broker;
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
    Map<String, String> settings = new HashMap<>(MilenaProcess.consumerGroups(6_000, 500));
    settings.put("group.initial.rebalance.delay.ms", "500");
    broker =
        System.getProperty("milena.others.broker", "milena").equals("kafka44")
            ? new Kafka44(home).with(settings)
            : new MilenaProcess(home).with(settings);
    broker.start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    assertThat(GroupHistory.read(broker.bootstrap()).faults()).isEmpty();
    if (broker instanceof MilenaProcess milena) {
      milena.stopUntroubled();
    } else {
      assertThat(broker.stop()).isIn(0, 143);
    }
  }

  @Test
  void membersComeCrashReturnAndLeave() throws Exception {
    Map<Client, Map<String, String>> installed = installed();
    String only = System.getProperty("milena.others.only", "");
    installed.keySet().removeIf(c -> !only.isEmpty() && !only.contains(c.name()));
    Program.assumeThat(!installed.isEmpty(), "neither kcat nor a client of Node.js is installed");
    admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
    try (GroupLife life = new GroupLife(home, admin, broker.bootstrap(), TOPIC, PARTITIONS);
        NumberedLoad load = new NumberedLoad(broker.bootstrap(), TOPIC, PARTITIONS)) {
      load.paced(RECORDS_PER_SECOND).start();
      List<ForkedJvm> first = join(life, installed);
      List<ForkedJvm> victims = join(life, installed);
      life.awaitRest();
      for (ForkedJvm victim : victims) {
        life.kill(victim);
      }
      join(life, installed);
      life.awaitRest();
      for (ForkedJvm one : first) {
        life.leave(one);
      }
      load.awaitProgress(RECORDS_PER_SECOND);
      broker.kill();
      broker.start();
      join(life, installed);
      life.awaitRest();
      load.finish();
      life.awaitCaughtUp();
      List<String> faults = life.faults();
      // librdkafka stores an offset for its timer to commit before it hands the record to kcat: one
      // record for each kcat that ended without leaving, of which there are two
      assertThat(faults)
          .filteredOn(fault -> fault.startsWith("kcat never processed"))
          .hasSizeLessThanOrEqualTo(2);
      assertThat(faults).filteredOn(fault -> !fault.startsWith("kcat never processed")).isEmpty();
    }
  }

  private static List<ForkedJvm> join(GroupLife life, Map<Client, Map<String, String>> installed)
      throws Exception {
    List<ForkedJvm> joined = new ArrayList<>();
    for (Map.Entry<Client, Map<String, String>> client : installed.entrySet()) {
      joined.add(
          life.joinOther(client.getKey().group(), command(client.getKey()), client.getValue()));
    }
    return joined;
  }

  private static List<String> command(Client client) {
    String group = client.group();
    return switch (client) {
      case KCAT -> kcat(group);
      case KAFKAJS -> node("kafkajs-member.js", group, "classic");
      case PLATFORMATIC_CLASSIC -> node("platformatic-member.js", group, "classic");
      case PLATFORMATIC_CONSUMER -> node("platformatic-member.js", group, "consumer");
    };
  }

  private static List<String> node(String script, String group, String protocol) {
    return List.of(
        "node", SCRIPTS.resolve(script).toString(), broker.bootstrap(), TOPIC, group, protocol);
  }

  private static List<String> kcat(String group) {
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
        TOPIC);
  }

  /** What is there, and the environment to run it in; says what is not. */
  private static Map<Client, Map<String, String>> installed() throws Exception {
    Map<Client, Map<String, String>> found = new EnumMap<>(Client.class);
    if (runs("kcat is not installed", Map.of(), "kcat", "-V")) {
      found.put(Client.KCAT, Map.of());
    }
    if (!runs("node is not installed", Map.of(), "node", "--version")) {
      return found;
    }
    String given = System.getenv("NODE_PATH");
    String modules = given == null ? Program.of("npm", "root", "-g").run(home).out().trim() : given;
    Map<String, String> environment = Map.of("NODE_PATH", modules);
    if (runsInNode("kafkajs", "require('kafkajs')", "", environment)) {
      found.put(Client.KAFKAJS, environment);
    }
    if (runsInNode(
        "@platformatic/kafka", PLATFORMATIC_PROBE, "@1 (2 wants Node.js 22.22)", environment)) {
      found.put(Client.PLATFORMATIC_CLASSIC, environment);
      found.put(Client.PLATFORMATIC_CONSUMER, environment);
    }
    return found;
  }

  private static boolean runsInNode(
      String module, String probe, String version, Map<String, String> environment)
      throws Exception {
    String reason =
        module + " is not installed or does not run: npm install -g " + module + version;
    return runs(reason, environment, "node", "-e", probe);
  }

  private static boolean runs(String reason, Map<String, String> environment, String... words)
      throws Exception {
    boolean there;
    try {
      there = Program.of(words).with(environment).run(home).code() == 0;
    } catch (IOException e) { // no such program
      there = false;
    }
    if (!there) {
      System.out.println("SKIPPED: " + reason);
    }
    return there;
  }
}
