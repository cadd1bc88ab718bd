package io.milena.group.model.consumer.state;

import io.milena.group.model.MemberBytes;

/**
 * A member of a consumer group.
 *
 * @param id member id
 * @param registration what it said of itself
 * @param current what it has
 */
public record Member(String id, Registration registration, CurrentAssignment current) {
  /** One that the group did not know. */
  public static Member fresh(String id) {
    return new Member(id, Registration.NONE, CurrentAssignment.INITIAL);
  }

  public Member with(Registration newRegistration) {
    return new Member(id, newRegistration, current);
  }

  public Member with(CurrentAssignment newCurrent) {
    return new Member(id, registration, newCurrent);
  }

  /** As {@link MemberBytes} counts it. */
  public long bytes() {
    return MemberBytes.of(id)
        + registration.bytes()
        + MemberBytes.ofEpochs(current.assigned())
        + MemberBytes.ofEpochs(current.revoking());
  }

  public boolean isClassic() {
    return registration.isClassic();
  }
}
