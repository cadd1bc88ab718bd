package io.milena.config;

/** Where a value came from, with the ids of DescribeConfigs (KIP-226). */
public enum ConfigSource {
  TOPIC(1),
  DYNAMIC_BROKER(2),
  DYNAMIC_DEFAULT_BROKER(3),
  STATIC_BROKER(4),
  DEFAULT(5),
  DYNAMIC_BROKER_LOGGER(6),
  GROUP(8);

  private final byte id;

  ConfigSource(int id) {
    this.id = (byte) id;
  }

  public byte id() {
    return id;
  }
}
