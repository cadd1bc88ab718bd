package io.milena.group.model.assignor;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * Spreads partitions so that members have, as far as their subscriptions allow, equal numbers, and
 * moves as few as that needs (KIP-848; Kafka's default). Work grows with members + partitions when
 * all subscribe alike; else with the sum of subscriptions as well.
 */
public final class UniformAssignor implements PartitionAssignor {
  /** Kafka's name. */
  public static final String NAME = "uniform";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Map<Uuid, Set<Integer>>> assign(AssignmentSpec spec) {
    if (spec.members().isEmpty()) {
      return new HashMap<>();
    }
    PartitionLedger ledger = new PartitionLedger(spec);
    if (spec.homogeneous()) {
      new EvenSpread(spec, ledger).run();
    } else {
      new UnevenSpread(spec, ledger).run();
    }
    return ledger.result();
  }
}
