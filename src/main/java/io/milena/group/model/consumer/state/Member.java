package io.milena.group.model.consumer.state;

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

  public boolean isClassic() {
    return registration.isClassic();
  }
}
