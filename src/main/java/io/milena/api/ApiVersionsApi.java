package io.milena.api;

import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKeyCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKeyCollection;

/**
 * ApiVersions 0-5 (KIP-35, KIP-511, KIP-584, KIP-1242): what we serve, which features, and whether
 * the client reached the broker it meant. Stateless, shared.
 *
 * <p>A version that we do not serve never gets here: {@code connection} answers it with {@link
 * #unsupportedVersion()}.
 */
public final class ApiVersionsApi implements ApiHandler {
  /** Error codes as numbers: this is the first answer after start and {@code Errors} is large. */
  private static final short UNSUPPORTED_VERSION = 35;

  private static final short INVALID_REQUEST = 42;
  private static final short REBOOTSTRAP_REQUIRED = 129;

  private static final short FIRST_WITH_SOFTWARE = 3;
  private static final short FIRST_WITH_IDENTITY = 5;
  private static final int NO_NODE = -1;

  /**
   * A feature that works, with the levels this broker supports.
   *
   * @param finalizedLevel level in force in the cluster; 0 when the feature is not switched on
   * @param howToSwitchOff what an operator has to do, as the end of a sentence
   */
  public record Feature(
      String name, short minLevel, short maxLevel, short finalizedLevel, String howToSwitchOff) {}

  /**
   * Who we are and what is in force, read anew for each answer.
   *
   * @param clusterId of this cluster
   * @param nodeId our broker id
   * @param featuresEpoch number of the finalized features; -1 when there are none
   * @param features only those that work
   */
  public record Facts(String clusterId, int nodeId, long featuresEpoch, List<Feature> features) {}

  private final Supplier<Facts> facts;

  public ApiVersionsApi(Supplier<Facts> facts) {
    this.facts = facts;
  }

  @Override
  public short apiKey() {
    return SupportedApis.API_VERSIONS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ApiVersionsRequestData data = request.decode(ApiVersionsRequestData::new);
    short version = request.apiVersion();
    if (!valid(data, version)) {
      return answer(new ApiVersionsResponseData().setErrorCode(INVALID_REQUEST));
    }
    Facts now = facts.get();
    if (data.clusterId() != null
        && !(Objects.equals(data.clusterId(), now.clusterId()) && data.nodeId() == now.nodeId())) {
      return answer(new ApiVersionsResponseData().setErrorCode(REBOOTSTRAP_REQUIRED));
    }
    if (version >= FIRST_WITH_SOFTWARE) {
      request.connection().clientSoftware(data.clientSoftwareName(), data.clientSoftwareVersion());
    }
    return answer(
        new ApiVersionsResponseData()
            .setApiKeys(announced())
            .setSupportedFeatures(supported(now))
            .setFinalizedFeaturesEpoch(now.featuresEpoch())
            .setFinalizedFeatures(finalized(now)));
  }

  /** The answer, to be encoded as version 0, to a version we do not serve (KIP-511). */
  public static ApiVersionsResponseData unsupportedVersion() {
    ApiVersionCollection own = new ApiVersionCollection(1);
    own.add(row(SupportedApis.of(SupportedApis.API_VERSIONS)));
    return new ApiVersionsResponseData().setErrorCode(UNSUPPORTED_VERSION).setApiKeys(own);
  }

  /** Identity is cluster and node or neither; names are those KIP-511 allows. */
  private static boolean valid(ApiVersionsRequestData data, short version) {
    if (version >= FIRST_WITH_IDENTITY
        && (data.clusterId() == null) != (data.nodeId() == NO_NODE)) {
      return false;
    }
    return version < FIRST_WITH_SOFTWARE
        || (softwareName(data.clientSoftwareName()) && softwareName(data.clientSoftwareVersion()));
  }

  /** Letters, digits, dots and hyphens, the last two not at the ends (KIP-511). */
  private static boolean softwareName(String name) {
    if (name.isEmpty() || !alphanumeric(name.charAt(0))) {
      return false;
    }
    for (int i = 1; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!alphanumeric(c) && c != '.' && c != '-') {
        return false;
      }
    }
    return alphanumeric(name.charAt(name.length() - 1));
  }

  private static boolean alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static ApiVersionCollection announced() {
    ApiVersionCollection rows = new ApiVersionCollection(SupportedApis.all().size());
    for (SupportedApi api : SupportedApis.all()) {
      rows.add(row(api));
    }
    return rows;
  }

  private static ApiVersion row(SupportedApi api) {
    return new ApiVersion()
        .setApiKey(api.key())
        .setMinVersion(api.announcedMin())
        .setMaxVersion(api.maxVersion());
  }

  private static SupportedFeatureKeyCollection supported(Facts now) {
    SupportedFeatureKeyCollection keys = new SupportedFeatureKeyCollection(now.features().size());
    for (Feature feature : now.features()) {
      keys.add(
          new SupportedFeatureKey()
              .setName(feature.name())
              .setMinVersion(feature.minLevel())
              .setMaxVersion(feature.maxLevel()));
    }
    return keys;
  }

  private static FinalizedFeatureKeyCollection finalized(Facts now) {
    FinalizedFeatureKeyCollection keys = new FinalizedFeatureKeyCollection(now.features().size());
    for (Feature feature : now.features()) {
      if (feature.finalizedLevel() > 0) {
        keys.add(
            new FinalizedFeatureKey()
                .setName(feature.name())
                .setMinVersionLevel(feature.finalizedLevel())
                .setMaxVersionLevel(feature.finalizedLevel()));
      }
    }
    return keys;
  }

  private static Future<ApiResponse> answer(ApiVersionsResponseData data) {
    return Future.succeededFuture(ApiResponse.of(data));
  }
}
