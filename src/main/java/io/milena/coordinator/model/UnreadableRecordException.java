package io.milena.coordinator.model;

/** A record of an internal topic that this build cannot read; loading passes it over. */
public final class UnreadableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param kind what is the same for all records of its kind, e.g. {@code key type 77}: logged once
   */
  public UnreadableRecordException(String kind) {
    super(kind, null, false, false);
  }
}
