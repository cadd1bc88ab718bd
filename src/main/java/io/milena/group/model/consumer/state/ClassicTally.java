package io.milena.group.model.consumer.state;

import java.util.Collection;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/** The members of the classic protocol in a consumer group, and the protocols that they offer. */
public final class ClassicTally {
  private final Tally<String> protocols = new Tally<>();
  private int members;

  void add(Member member) {
    if (member.isClassic()) {
      members++;
      for (ClassicProtocol protocol : member.registration().classic().supportedProtocols()) {
        protocols.add(protocol.name());
      }
    }
  }

  void remove(Member member) {
    if (member.isClassic()) {
      members--;
      for (ClassicProtocol protocol : member.registration().classic().supportedProtocols()) {
        protocols.remove(protocol.name());
      }
    }
  }

  /** How many there are. */
  public int members() {
    return members;
  }

  /** True when each of them offers one of these protocols, the same for all. */
  public boolean supports(Collection<String> offered) {
    return offered.stream().anyMatch(name -> protocols.count(name) == members);
  }
}
