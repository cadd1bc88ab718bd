package io.milena.base;

/** The two ways in which this process ends by its own decision. */
public final class ProcessEnd {
  private ProcessEnd() {}

  /** Ends in order, shutdown hooks included. */
  public static void exit(int code) {
    System.exit(code);
  }

  /**
   * Ends at once, without shutdown hooks: after a broken invariant nothing of this process may be
   * trusted to write another byte.
   */
  public static void halt(int code) {
    Runtime.getRuntime().halt(code);
  }
}
