package io.milena.controller;

import io.milena.base.Clock;
import io.milena.controller.ControllerMessages.NodeReport;
import io.milena.controller.ControllerMessages.NodeReportReply;
import io.milena.controller.model.Liveness;
import io.milena.controller.model.Plan;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ImageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The heartbeats of the nodes: who is alive, who missed an image, who wants to stop. Owned by the
 * controller's context.
 */
final class Reports {
  private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");

  private final Office office;
  private final ClusterWatches watches;
  private final Liveness liveness;
  private final Clock clock;
  private final Map<Integer, Long> knownEpochs = new HashMap<>();

  /** Incarnations whose leaderships have moved as far as they can. */
  private final Set<Long> mayStop = new HashSet<>();

  private final Set<Long> stopping = new HashSet<>();

  Reports(Office office, ClusterWatches watches, ControllerOptions options, Clock clock) {
    this.office = office;
    this.watches = watches;
    this.clock = clock;
    this.liveness =
        new Liveness(options.brokerId(), options.heartbeatTimeoutMs(), clock.monotonicMs());
  }

  /** One report. */
  NodeReportReply heard(NodeReport report) {
    BrokerImage registered = office.committed().brokers().get(report.brokerId());
    if (registered == null || registered.epoch() < report.brokerEpoch()) {
      watches.brokersChanged();
      return NodeReportReply.of(Errors.BROKER_ID_NOT_REGISTERED, office.epoch());
    }
    if (registered.epoch() > report.brokerEpoch()) {
      return NodeReportReply.of(Errors.STALE_BROKER_EPOCH, office.epoch());
    }
    follow();
    boolean back = liveness.heard(report.brokerId(), clock.monotonicMs());
    if (back || registered.fenced()) {
      office.decide(machine -> machine.fence(Set.of(report.brokerId()), false));
    }
    compare(report);
    boolean mayShutDown = report.wantsShutdown() && shutdown(report);
    return new NodeReportReply(Errors.NONE.code(), office.epoch(), mayShutDown);
  }

  /** Call a few times per timeout: fences who fell silent. */
  void tick() {
    follow();
    Set<Integer> fallen = liveness.tick(clock.monotonicMs());
    if (!fallen.isEmpty()) {
      STATE.warn("Controller epoch {}: no heartbeat from {}, fenced", office.epoch(), fallen);
      office.decide(machine -> machine.fence(fallen, true));
    }
  }

  /** Takes over registrations that came and went. */
  private void follow() {
    Map<Integer, BrokerImage> brokers = office.committed().brokers();
    for (BrokerImage broker : brokers.values()) {
      Long known = knownEpochs.put(broker.id(), broker.epoch());
      if (known == null || known != broker.epoch()) {
        liveness.registered(broker.id(), clock.monotonicMs());
      }
    }
    knownEpochs
        .keySet()
        .removeIf(
            id -> {
              boolean gone = !brokers.containsKey(id);
              if (gone) {
                liveness.gone(id);
              }
              return gone;
            });
  }

  /** R9: a node whose image differs from ours gets another snapshot. */
  private void compare(NodeReport report) {
    BrokerSender sender = office.senders().of(report.brokerId());
    if (sender == null || !sender.idle()) {
      return;
    }
    boolean otherEpoch = report.controllerEpoch() != office.epoch();
    boolean other =
        report.imageDigest() != 0
            && report.imageNumber() == office.committed().number()
            && report.imageDigest() != ImageDigest.of(office.committed());
    if (other) {
      LOG.warn("Broker {} holds another image {}", report.brokerId(), report.imageNumber());
    }
    if (report.wantsSnapshot() || otherEpoch || other) {
      sender.snapshot();
    }
  }

  private boolean shutdown(NodeReport report) {
    long epoch = report.brokerEpoch();
    if (stopping.add(epoch)) {
      office.decide(machine -> machine.stopping(report.brokerId()));
      office.decide(
          machine -> {
            mayStop.add(epoch);
            return Plan.empty();
          });
    }
    return mayStop.contains(epoch) && office.idle();
  }
}
