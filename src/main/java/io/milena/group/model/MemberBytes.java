package io.milena.group.model;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * About how much of the heap a group's members take, its own tally beside the sum of all groups in
 * {@link GroupLimits}, in which it counts from {@link #countIn} until {@link #countNoMore}. What
 * comes is added and the same is taken off when it goes, so that the sum is zero without groups.
 *
 * <p>The sizes are estimates on the high side: what clients send, by length, and allowances for the
 * objects around it.
 */
public final class MemberBytes {
  /** A member without what it says: objects, places in maps, timers. */
  public static final int PER_MEMBER = 512;

  private static final int PER_STRING = 56;
  private static final int PER_ARRAY = 16;
  private static final int PER_TOPIC = 128;
  private static final int PER_PARTITION = 64;

  private long held;
  private GroupLimits countedIn;

  /** Something came, or, below zero, went. */
  public void add(long bytes) {
    held += bytes;
    if (countedIn != null) {
      countedIn.addMemberBytes(bytes);
    }
  }

  /** What the group holds now. */
  public long held() {
    return held;
  }

  /**
   * The group is held from now on: what it has and gets counts there too. Once counted in, it stays
   * so until {@link #countNoMore}; another call changes nothing.
   *
   * @param limits of the verticle whose thread the group is of
   */
  public void countIn(GroupLimits limits) {
    if (countedIn == null) {
      countedIn = limits;
      limits.addMemberBytes(held);
    }
  }

  /**
   * The group is given up, whoever may still write to it: its bytes leave the limits. Nothing when
   * it is not counted in.
   */
  public void countNoMore() {
    if (countedIn != null) {
      countedIn.addMemberBytes(-held);
      countedIn = null;
    }
  }

  // ---- sizes --------------------------------------------------------------------------------

  /**
   * @param text may be null
   */
  public static long of(String text) {
    return text == null ? 0 : PER_STRING + 2L * text.length();
  }

  public static long of(byte[] bytes) {
    return PER_ARRAY + bytes.length;
  }

  public static long of(Collection<String> texts) {
    long sum = 0;
    for (String text : texts) {
      sum += of(text);
    }
    return sum;
  }

  /**
   * @param assigned partitions by topic
   */
  public static long ofPartitions(Map<Uuid, ? extends Collection<?>> assigned) {
    long sum = 0;
    for (Collection<?> partitions : assigned.values()) {
      sum += PER_TOPIC + (long) PER_PARTITION * partitions.size();
    }
    return sum;
  }

  /**
   * @param assigned partitions with their epochs, by topic
   */
  public static long ofEpochs(Map<Uuid, ? extends Map<?, ?>> assigned) {
    long sum = 0;
    for (Map<?, ?> epochs : assigned.values()) {
      sum += PER_TOPIC + (long) PER_PARTITION * epochs.size();
    }
    return sum;
  }
}
