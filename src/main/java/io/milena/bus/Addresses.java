package io.milena.bus;

/**
 * Names of event bus addresses (architecture.md §5.2). Clustered ones contain broker id and broker
 * epoch, so that an old incarnation can never receive or answer for the new one (R52); no address
 * contains a slash, for it becomes a znode name.
 */
public final class Addresses {
  private Addresses() {}

  /** Local: a partition shard. */
  public static String partition(int shard) {
    return "partition." + shard;
  }

  /** Local: the fetcher of that index for that leader. */
  public static String fetcher(int leaderId, int index) {
    return "fetcher." + leaderId + '.' + index;
  }

  /** Local: a group coordinator shard. */
  public static String group(int shard) {
    return "group." + shard;
  }

  /** Local: a transaction coordinator shard. */
  public static String transaction(int shard) {
    return "transaction." + shard;
  }

  /** Local: the controller verticle of this process, elected or not. */
  public static String localController() {
    return "controller";
  }

  /** Local: the node verticle of this process. */
  public static String localNode() {
    return "node";
  }

  /** Clustered: where a broker hears image updates. */
  public static String control(int brokerId, long brokerEpoch) {
    return broker(brokerId, brokerEpoch) + ".control";
  }

  /** Clustered: small requests between replicas. */
  public static String replica(int brokerId, long brokerEpoch) {
    return broker(brokerId, brokerEpoch) + ".replica";
  }

  /** Clustered: client APIs forwarded by another broker. */
  public static String client(int brokerId, long brokerEpoch) {
    return broker(brokerId, brokerEpoch) + ".client";
  }

  /** Clustered: the controller verticle of a broker. */
  public static String controller(int brokerId, long brokerEpoch) {
    return broker(brokerId, brokerEpoch) + ".controller";
  }

  private static String broker(int brokerId, long brokerEpoch) {
    return "broker." + brokerId + '.' + brokerEpoch;
  }
}
