package io.milena.metrics;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What travels between the brokers: bytes to and from each peer and how long answers take.
 * Questions to our own controller and node, which go by reference, count as those of our own id.
 * Thread-safe.
 */
public final class BusMeters {
  /** Peers told apart; those beyond share one series, so that made-up ids cost no memory. */
  private static final int PEERS_MAX = 1_000;

  private static final int BEYOND = -1;

  private final Map<Integer, Peer> peers = new ConcurrentHashMap<>();

  private static final class Peer {
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder receivedBytes = new LongAdder();
    private final Histogram roundTrip = new Histogram();
  }

  private Peer peer(int brokerId) {
    Peer known = peers.get(brokerId);
    if (known != null) {
      return known;
    }
    return peers.computeIfAbsent(peers.size() < PEERS_MAX ? brokerId : BEYOND, id -> new Peer());
  }

  /** A message went out over the wire. */
  public void sent(int toBrokerId, int bytes) {
    peer(toBrokerId).sentBytes.add(bytes);
  }

  /** A whole message came in over the wire. */
  public void received(int fromBrokerId, int bytes) {
    peer(fromBrokerId).receivedBytes.add(bytes);
  }

  /** A question was answered or refused; silence is not counted. */
  public void answered(int byBrokerId, long tookNs) {
    peer(byBrokerId).roundTrip.record(tookNs);
  }

  void turn() {
    peers.values().forEach(peer -> peer.roundTrip.turn());
  }

  void addTo(List<Meter> meters) {
    new TreeMap<>(peers)
        .forEach(
            (id, peer) -> {
              Map<String, String> labels =
                  Map.of("peer", id == BEYOND ? "others" : Integer.toString(id));
              meters.add(
                  Meter.counter(
                          "milena_bus_sent_bytes", "Bytes sent to a broker", peer.sentBytes::sum)
                      .with(labels));
              meters.add(
                  Meter.counter(
                          "milena_bus_received_bytes",
                          "Bytes that came from a broker",
                          peer.receivedBytes::sum)
                      .with(labels));
              Meter.histogram(
                  meters,
                  Meter.named(
                      "milena_bus_roundtrip_seconds",
                      "From a question on the bus to its answer",
                      labels),
                  peer.roundTrip,
                  Meter.SECONDS);
            });
  }
}
