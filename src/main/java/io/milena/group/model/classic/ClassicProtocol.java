package io.milena.group.model.classic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;

/**
 * A protocol a member can follow: for consumers an assignor and the subscription.
 *
 * @param name of the protocol, e.g. {@code range}
 * @param metadata for the leader; belongs to this record, not to be changed
 */
public record ClassicProtocol(String name, byte[] metadata) {
  /** The protocols of a JoinGroup request in the order of the member's liking. */
  static List<ClassicProtocol> listOf(Iterable<JoinGroupRequestProtocol> protocols) {
    List<ClassicProtocol> list = new ArrayList<>();
    for (JoinGroupRequestProtocol protocol : protocols) {
      list.add(new ClassicProtocol(protocol.name(), protocol.metadata()));
    }
    return List.copyOf(list);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassicProtocol that
        && Objects.equals(name, that.name)
        && Arrays.equals(metadata, that.metadata);
  }

  @Override
  public int hashCode() {
    return 31 * Objects.hashCode(name) + Arrays.hashCode(metadata);
  }

  @Override
  public String toString() {
    return name + "[" + metadata.length + " bytes]";
  }
}
