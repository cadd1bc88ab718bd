package io.milena.group.model.consumer.timing;

/**
 * Key of a timer of a consumer group.
 *
 * @param kind what it is for
 * @param groupId its steps are in the order of this group's other steps
 * @param memberId empty when it concerns the whole group
 */
public record GroupTimer(Kind kind, String groupId, String memberId) {
  /** What a timer is for. */
  public enum Kind {
    /** The member was not heard of. */
    SESSION,
    /** The member did not give partitions back in time. */
    REBALANCE,
    /** A classic member that was told to rejoin did not. */
    JOIN,
    /** A classic member that joined did not ask for its assignment. */
    SYNC,
    /** Topics are searched for the group's expressions. */
    REGEX
  }
}
