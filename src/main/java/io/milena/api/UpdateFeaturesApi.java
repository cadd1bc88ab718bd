package io.milena.api;

import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * UpdateFeatures 0–2. Features are announced only when they work, and none does yet: every update
 * is refused with a sentence.
 */
public final class UpdateFeaturesApi implements ApiHandler {
  /** From this version on the answer has one error for the whole request. */
  private static final short ONE_ERROR_FOR_ALL = 2;

  @Override
  public short apiKey() {
    return SupportedApis.UPDATE_FEATURES;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    UpdateFeaturesRequestData data = request.decode(UpdateFeaturesRequestData::new);
    UpdateFeaturesResponseData response = new UpdateFeaturesResponseData();
    for (FeatureUpdateKey update : data.featureUpdates()) {
      String message =
          "Feature " + update.feature() + " is not supported by the brokers of this cluster.";
      if (request.apiVersion() >= ONE_ERROR_FOR_ALL) {
        response.setErrorCode(Errors.INVALID_UPDATE_VERSION.code()).setErrorMessage(message);
        break;
      }
      response
          .results()
          .add(
              new UpdatableFeatureResult()
                  .setFeature(update.feature())
                  .setErrorCode(Errors.INVALID_UPDATE_VERSION.code())
                  .setErrorMessage(message));
    }
    return Future.succeededFuture(ApiResponse.of(response));
  }
}
