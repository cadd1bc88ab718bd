package io.milena.group.model.consumer.state;

import io.milena.group.model.MemberBytes;
import java.util.Set;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/**
 * What a member said of itself; record type 5.
 *
 * @param instanceId of a static member, or null
 * @param rackId or null
 * @param rebalanceTimeoutMs how long it may take to give partitions back
 * @param clientId of the client
 * @param clientHost as Kafka writes it: {@code /127.0.0.1}
 * @param topics subscribed by name
 * @param regex subscribed by expression; empty or null for none
 * @param assignor that it prefers, or null
 * @param classic what it said by the classic protocol; null for a member of the consumer protocol
 */
public record Registration(
    String instanceId,
    String rackId,
    int rebalanceTimeoutMs,
    String clientId,
    String clientHost,
    Set<String> topics,
    String regex,
    String assignor,
    ClassicMemberMetadata classic) {
  /** Before the member said anything. */
  public static final Registration NONE =
      new Registration(null, null, -1, "", "", Set.of(), "", null, null);

  public boolean hasRegex() {
    return regex != null && !regex.isEmpty();
  }

  /** Of a member that says this, as {@link MemberBytes} counts it. */
  public long bytes() {
    long sum =
        MemberBytes.PER_MEMBER
            + MemberBytes.of(instanceId)
            + MemberBytes.of(rackId)
            + MemberBytes.of(clientId)
            + MemberBytes.of(clientHost)
            + MemberBytes.of(topics)
            + MemberBytes.of(regex)
            + MemberBytes.of(assignor);
    if (classic != null) {
      for (ClassicProtocol protocol : classic.supportedProtocols()) {
        sum += MemberBytes.of(protocol.name()) + MemberBytes.of(protocol.metadata());
      }
    }
    return sum;
  }

  /** Speaks JoinGroup, SyncGroup and Heartbeat. */
  public boolean isClassic() {
    return classic != null;
  }
}
