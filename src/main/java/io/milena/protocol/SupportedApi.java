package io.milena.protocol;

/**
 * One row of {@link SupportedApis}: what we know of an API without touching {@code ApiKeys}.
 *
 * @param key Kafka's API key
 * @param name Kafka's name
 * @param minVersion lowest version served
 * @param maxVersion highest version served
 * @param announcedMin lowest version told by ApiVersions; differs from minVersion for Produce only
 * @param firstFlexible first version with tagged fields; {@link #NEVER_FLEXIBLE} when there is none
 */
public record SupportedApi(
    short key,
    String name,
    short minVersion,
    short maxVersion,
    short announcedMin,
    short firstFlexible) {
  /** No version of the API has tagged fields. */
  public static final short NEVER_FLEXIBLE = Short.MAX_VALUE;

  /** True when requests of that version are served. */
  public boolean serves(short version) {
    return version >= minVersion && version <= maxVersion;
  }

  /** True when the version has tagged fields, hence request header 2. */
  public boolean flexible(short version) {
    return version >= firstFlexible;
  }

  /**
   * True when the answer's header ends with tagged fields (header 1). ApiVersions never has them,
   * so that a client can read the refusal of a version it does not know (KIP-511).
   */
  public boolean taggedResponseHeader(short version) {
    return flexible(version) && key != SupportedApis.API_VERSIONS;
  }
}
