package io.milena.api;

/**
 * How many fetch sessions the connections of one event loop may hold: this loop's share of {@code
 * max.incremental.fetch.session.cache.slots}. At the bound a client is not refused, it is served
 * without a session. Owned by that loop.
 */
public final class FetchSessionSlots {
  private final int max;
  private int used;
  private int partitions;

  /**
   * @param max number of sessions, 0 for none
   */
  public FetchSessionSlots(int max) {
    this.max = max;
  }

  /** Takes a slot; false when all are taken. */
  boolean take() {
    if (used >= max) {
      return false;
    }
    used++;
    return true;
  }

  void give() {
    used--;
  }

  void countPartitions(int difference) {
    partitions += difference;
  }

  /** Sessions held now, for {@code kafka_server_fetchsessioncache_numincrementalfetchsessions}. */
  public int used() {
    return used;
  }

  /** Partitions in all these sessions. */
  public int partitions() {
    return partitions;
  }
}
