package io.milena.group.model.classic;

/**
 * States of a classic group.
 *
 * <pre>
 *             first join                all joined, or time is up
 *   EMPTY ───────────────► PREPARING ────────────────────────────► COMPLETING
 *     ▲                    ▲   │  ▲                                 │      │
 *     └────────────────────┼───┘  └──── join, leave, expiry ────────┘      │ leader's assignments
 *        nobody is left    │                                               │ are committed
 *                          └───────────────── STABLE ◄─────────────────────┘
 * </pre>
 */
enum ClassicState {
  /** No members; offsets may be there. */
  EMPTY("Empty"),
  /** Members are called back and wait for the next generation. */
  PREPARING_REBALANCE("PreparingRebalance"),
  /** The generation is told; the leader's assignments are awaited. */
  COMPLETING_REBALANCE("CompletingRebalance"),
  /** Every member may have its assignment. */
  STABLE("Stable"),
  /** Only in answers: there is no such group. */
  DEAD("Dead");

  private final String text;

  ClassicState(String text) {
    this.text = text;
  }

  /** As ListGroups and DescribeGroups tell it. */
  String text() {
    return text;
  }

  boolean mayFollow(ClassicState previous) {
    return switch (this) {
      case EMPTY -> previous == PREPARING_REBALANCE;
      case PREPARING_REBALANCE ->
          previous == EMPTY || previous == COMPLETING_REBALANCE || previous == STABLE;
      case COMPLETING_REBALANCE -> previous == PREPARING_REBALANCE;
      case STABLE -> previous == COMPLETING_REBALANCE;
      case DEAD -> false;
    };
  }
}
