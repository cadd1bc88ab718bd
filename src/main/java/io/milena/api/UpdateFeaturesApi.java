package io.milena.api;

import io.milena.api.ApiVersionsApi.Feature;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * UpdateFeatures 0-2 (KIP-584, KIP-778). A feature is announced when it works, and then it is in
 * force at its highest level: asking for that level is granted, and nothing has to be written. A
 * lower one is refused, with a sentence that says by which setting of the brokers what the feature
 * stands for is switched off: one switch, not two that may contradict one another. Stateless,
 * shared.
 */
public final class UpdateFeaturesApi implements ApiHandler {
  /** From this version on a downgrade has a type; before, a flag allows it. */
  private static final short FIRST_WITH_TYPE = 1;

  /** From this version on the answer has one error for the whole request. */
  private static final short ONE_ERROR_FOR_ALL = 2;

  private final Supplier<List<Feature>> features;

  /**
   * @param features those announced, read anew for each request
   */
  public UpdateFeaturesApi(Supplier<List<Feature>> features) {
    this.features = features;
  }

  @Override
  public short apiKey() {
    return SupportedApis.UPDATE_FEATURES;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    UpdateFeaturesRequestData data = request.decode(UpdateFeaturesRequestData::new);
    UpdateFeaturesResponseData response = new UpdateFeaturesResponseData();
    for (FeatureUpdateKey update : data.featureUpdates()) {
      Optional<String> problem = problem(update, upgrades(update, request.apiVersion()));
      Errors error = problem.isPresent() ? Errors.INVALID_UPDATE_VERSION : Errors.NONE;
      String message =
          problem
              .map(
                  why ->
                      "Invalid update version %d for feature %s. %s"
                          .formatted(update.maxVersionLevel(), update.feature(), why))
              .orElse(null);
      if (request.apiVersion() < ONE_ERROR_FOR_ALL) {
        response
            .results()
            .add(
                new UpdatableFeatureResult()
                    .setFeature(update.feature())
                    .setErrorCode(error.code())
                    .setErrorMessage(message));
      } else if (problem.isPresent()) {
        response.setErrorCode(error.code()).setErrorMessage(message);
        break;
      }
    }
    return Future.succeededFuture(ApiResponse.of(response));
  }

  private static boolean upgrades(FeatureUpdateKey update, short version) {
    return version < FIRST_WITH_TYPE
        ? !update.allowDowngrade()
        : update.upgradeType() == UpgradeType.UPGRADE.code();
  }

  private Optional<String> problem(FeatureUpdateKey update, boolean upgrades) {
    Optional<Feature> known =
        features.get().stream().filter(f -> f.name().equals(update.feature())).findFirst();
    if (UpgradeType.fromCode(update.upgradeType()) == UpgradeType.UNKNOWN) {
      return Optional.of("There is no such type of upgrade.");
    }
    if (known.isEmpty()) {
      return Optional.of("The brokers of this cluster do not support this feature.");
    }
    Feature feature = known.get();
    if (update.maxVersionLevel() < feature.minLevel()
        || update.maxVersionLevel() > feature.maxLevel()) {
      return Optional.of(
          "The brokers of this cluster support levels %d to %d."
              .formatted(feature.minLevel(), feature.maxLevel()));
    }
    if (update.maxVersionLevel() == feature.finalizedLevel()) {
      return Optional.empty();
    }
    return Optional.of(
        upgrades
            ? "A lower level is a downgrade, which was not asked for."
            : "It stays at level %d; to switch off what it stands for, %s."
                .formatted(feature.finalizedLevel(), feature.howToSwitchOff()));
  }
}
