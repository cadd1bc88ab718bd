package io.milena.group.model.classic;

/**
 * Keys of the timers of classic groups. A timer that fires although its time was moved or its
 * purpose is gone is harmless: the group knows its deadlines itself.
 */
public sealed interface ClassicTimer {
  /** The group concerned; its steps and its timers wait for one another. */
  String groupId();

  /** A member, or one that still has to join with the id it was given, was silent too long. */
  record Session(String groupId, String memberId) implements ClassicTimer {}

  /** The time to join the next generation is over. */
  record Join(String groupId) implements ClassicTimer {}

  /** The time to fetch one's assignment is over. */
  record Sync(String groupId) implements ClassicTimer {}
}
