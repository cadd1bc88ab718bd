package io.milena.group.model.consumer.state;

/**
 * How far a member is on its way to its target.
 *
 * <pre>
 *   STABLE ──target changed──► UNREVOKED_PARTITIONS   must give partitions back first
 *      │                            │ given back
 *      └──────────────┬─────────────┘
 *                     ▼
 *           UNRELEASED_PARTITIONS ──others gave back──► STABLE
 * </pre>
 */
public enum MemberState {
  /** Has what it is to have. */
  STABLE(0),
  /** Was told to give partitions back and has not said yet that it did. */
  UNREVOKED_PARTITIONS(1),
  /** Has reached the target's epoch; others still hold partitions of its. */
  UNRELEASED_PARTITIONS(2),
  /** Written by a later version: the member has to start anew. */
  UNKNOWN(127);

  private final byte code;

  MemberState(int code) {
    this.code = (byte) code;
  }

  /** As it stands in the record. */
  public byte code() {
    return code;
  }

  static MemberState of(byte code) {
    for (MemberState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    return UNKNOWN;
  }
}
