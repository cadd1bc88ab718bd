package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A feature that works is in force at its highest level and stays there. */
class UpdateFeaturesApiTest {
  private final ApiBench bench = new ApiBench(1);
  private final UpdateFeaturesApi api =
      new UpdateFeaturesApi(
          () ->
              List.of(
                  new ApiVersionsApi.Feature(
                      "group.version", (short) 0, (short) 1, (short) 1, "turn the knob")));

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldGrantTheLevelInForce(int version) {
    UpdateFeaturesResponseData answer = ask(update("group.version", 1), version);

    assertThat(answer.errorCode()).isZero();
    assertThat(answer.results()).hasSize(version < 2 ? 1 : 0).allMatch(r -> r.errorCode() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "group.version, 0, UPGRADE, a downgrade",
    "group.version, 0, SAFE_DOWNGRADE, turn the knob",
    "group.version, 0, UNSAFE_DOWNGRADE, turn the knob",
    "group.version, 2, UPGRADE, levels 0 to 1",
    "group.version, -1, SAFE_DOWNGRADE, levels 0 to 1",
    "group.version, 1, UNKNOWN, type of upgrade",
    "share.version, 1, UPGRADE, do not support",
    "metadata.version, 25, UPGRADE, do not support"
  })
  void shouldRefuseEverythingElseWithTheReason(
      String feature, int level, UpgradeType type, String reason) {
    for (int version = 1; version <= 2; version++) {
      FeatureUpdateKey update = update(feature, level).setUpgradeType(type.code());

      UpdateFeaturesResponseData answer = ask(update, version);

      short error = version < 2 ? answer.results().find(feature).errorCode() : answer.errorCode();
      String message =
          version < 2 ? answer.results().find(feature).errorMessage() : answer.errorMessage();
      assertThat(error).isEqualTo(Errors.INVALID_UPDATE_VERSION.code());
      assertThat(message)
          .startsWith("Invalid update version " + level + " for feature " + feature + ".")
          .contains(reason);
    }
  }

  @ParameterizedTest
  @CsvSource({"false, a downgrade", "true, turn the knob"})
  void shouldReadTheFlagOfOldClients(boolean allowed, String reason) {
    FeatureUpdateKey update = update("group.version", 0).setAllowDowngrade(allowed);

    assertThat(ask(update, 0).results().find("group.version").errorMessage()).contains(reason);
  }

  private static FeatureUpdateKey update(String feature, int level) {
    return new FeatureUpdateKey().setFeature(feature).setMaxVersionLevel((short) level);
  }

  private UpdateFeaturesResponseData ask(FeatureUpdateKey update, int version) {
    UpdateFeaturesRequestData request = new UpdateFeaturesRequestData();
    request.featureUpdates().add(update);
    return bench.ask(api, request, version);
  }
}
