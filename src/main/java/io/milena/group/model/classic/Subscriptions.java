package io.milena.group.model.classic;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.ByteBufferAccessor;

/**
 * The topics that the members of a classic group of consumers subscribe to, read from what they
 * told their leader.
 *
 * <p>Format: int16 version, then {@link ConsumerProtocolSubscription}; every version begins as
 * version 0 does, so that is what is read.
 */
final class Subscriptions {
  private static final short COMMON_VERSION = 0;

  /** Null when the metadata of one member cannot be read. */
  private final Set<String> topics;

  private Subscriptions(Set<String> topics) {
    this.topics = topics;
  }

  static Subscriptions of(Collection<ClassicMember> members, String protocol) {
    Set<String> topics = new HashSet<>();
    for (ClassicMember member : members) {
      if (!read(member.metadata(protocol), topics)) {
        return new Subscriptions(null);
      }
    }
    return new Subscriptions(topics);
  }

  /** True also when it is not known. */
  boolean mayContain(String topic) {
    return topics == null || topics.contains(topic);
  }

  private static boolean read(byte[] metadata, Set<String> topics) {
    if (metadata.length < Short.BYTES) {
      return false;
    }
    ByteBuffer rest = ByteBuffer.wrap(metadata).position(Short.BYTES);
    try {
      topics.addAll(
          new ConsumerProtocolSubscription(new ByteBufferAccessor(rest), COMMON_VERSION).topics());
      return true;
    } catch (RuntimeException unreadable) {
      // The bytes are the client's; the generated reader fails on bad ones in many ways.
      return false;
    }
  }
}
