package io.milena.group.model.assignor;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/** Gives each partition of the subscribed topics to exactly one of its subscribers. */
public interface PartitionAssignor {
  /** Kafka's name of it, as clients ask for it. */
  String name();

  /**
   * @return what each member is to have, by member id; every member is named. A value may be the
   *     very map of the member's last target when nothing changed for it.
   */
  Map<String, Map<Uuid, Set<Integer>>> assign(AssignmentSpec spec);

  /** The assignor of that name, or null. */
  static PartitionAssignor of(String name) {
    if (UniformAssignor.NAME.equals(name)) {
      return new UniformAssignor();
    }
    return RangeAssignor.NAME.equals(name) ? new RangeAssignor() : null;
  }
}
