package io.milena.controller.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfigRules;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.ImageDigest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Settings of single groups at the controller: commands and finds in, plans out. */
class GroupConfigsStoryTest {
  private static final String SESSION = "consumer.session.timeout.ms";
  private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";

  private final ControllerMachine machine =
      new ControllerMachine(
          new ControllerMachine.Settings(1, 1, false, true), TopicConfigRules.none(), () -> 1);

  @Test
  void shouldKeepSettingsOfAGroupThatNobodyKnowsUntilTheLastOneGoes() {
    Plan first = machine.command(alterGroup("g", SESSION, OpType.SET, "50000"));
    Plan second = machine.command(alterGroup("g", HEARTBEAT, OpType.SET, "9000"));
    Plan third = machine.command(alterGroup("g", SESSION, OpType.DELETE, null));
    Plan last = machine.command(alterGroup("g", HEARTBEAT, OpType.DELETE, null));

    ConfigEntity group = ConfigEntity.group("g");
    assertThat(first.writes())
        .containsExactly(new ZkWrite.SetConfig(group, Map.of(SESSION, "50000"), false));
    assertThat(second.writes())
        .containsExactly(
            new ZkWrite.SetConfig(group, Map.of(SESSION, "50000", HEARTBEAT, "9000"), true));
    assertThat(third.writes())
        .containsExactly(new ZkWrite.SetConfig(group, Map.of(HEARTBEAT, "9000"), true));
    assertThat(last.writes()).containsExactly(new ZkWrite.RemoveGroupConfig("g"));
    ClusterImage image = ClusterImage.empty("c").with(third.change().toDelta("c", 1, 1, 1, false));
    assertThat(image.groupConfigs()).isEqualTo(Map.of("g", Map.of(HEARTBEAT, "9000")));
    assertThat(image.with(last.change().toDelta("c", 1, 1, 2, false)).groupConfigs()).isEmpty();
    assertThat(machine.configuredGroups()).isEmpty();
  }

  @Test
  void shouldHandAGroupsSettingsToTheNextController() {
    machine.takeOver(
        new Loaded(
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            Map.of("g", Map.of(SESSION, "50000"), "bare", Map.of()),
            Set.of()));

    ImageDelta whole = machine.snapshot().toDelta("c", 1, 1, 1, true);
    ClusterImage image = ClusterImage.empty("c").with(whole);
    assertThat(image.groupConfigs()).isEqualTo(Map.of("g", Map.of(SESSION, "50000")));
    assertThat(ImageDigest.of(image)).isEqualTo(machine.digest());
    // its znode is there, though empty
    assertThat(machine.command(alterGroup("bare", SESSION, OpType.SET, "50000")).writes())
        .containsExactly(
            new ZkWrite.SetConfig(ConfigEntity.group("bare"), Map.of(SESSION, "50000"), true));
  }

  @Test
  void shouldFollowWhatAToolDoesToTheSettingsOfGroups() {
    Plan found = machine.configFound(ConfigEntity.group("g"), Map.of(SESSION, "50000"));
    Plan again = machine.configFound(ConfigEntity.group("g"), Map.of(SESSION, "50000"));
    Plan gone = machine.groupConfigsVanished(List.of("g", "never"));

    assertThat(groupConfigs(found)).isEqualTo(Map.of("g", Map.of(SESSION, "50000")));
    assertThat(again.isEmpty()).isTrue();
    assertThat(groupConfigs(gone)).isEqualTo(Map.of("g", Map.of()));
  }

  @Test
  void shouldRefuseNamesOfGroupsThatZooKeeperCouldNotHold() {
    assertThat(refusal(alterGroup("", SESSION, OpType.SET, "50000")))
        .isEqualTo(Errors.INVALID_REQUEST.code());
    assertThat(refusal(alterGroup("é".repeat(171), SESSION, OpType.SET, "50000")))
        .isEqualTo(Errors.INVALID_REQUEST.code());
    short last = 0;
    for (int i = 0; last == 0 && i < 1_000; i++) {
      last = refusal(alterGroup(i + "-" + "g".repeat(1_000), SESSION, OpType.SET, "50000"));
    }
    assertThat(last).isEqualTo(Errors.POLICY_VIOLATION.code());
    assertThat(machine.configuredGroups().size()).isBetween(510, 530);
  }

  private short refusal(Commands.AlterConfigs command) {
    IncrementalAlterConfigsResponseData answer =
        (IncrementalAlterConfigsResponseData) machine.command(command).answers().get(0).body();
    return answer.responses().get(0).errorCode();
  }

  private static Map<String, Map<String, String>> groupConfigs(Plan plan) {
    return plan.change().toDelta("c", 1, 1, 1, false).groupConfigs();
  }

  private static Commands.AlterConfigs alterGroup(
      String group, String key, OpType op, String value) {
    AlterConfigsResource resource =
        new AlterConfigsResource()
            .setResourceType(ConfigResource.Type.GROUP.id())
            .setResourceName(group);
    resource
        .configs()
        .add(new AlterableConfig().setName(key).setValue(value).setConfigOperation(op.id()));
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    request.resources().add(resource);
    return new Commands.AlterConfigs("token", request);
  }
}
