package io.milena.base;

/**
 * What must hold whatever clients send. A broken invariant is a bug of ours (fourth kind of error):
 * the top handler of a verticle logs the state and halts the process, so that another replica takes
 * over.
 */
public final class Invariant {
  private Invariant() {}

  /** Thrown when an invariant is broken; names the values that broke it. */
  public static final class Violation extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message);
    }
  }

  /** Checks {@code holds}; {@code format} and {@code values} (String.format) name what broke it. */
  public static void check(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new Violation(String.format(format, values));
    }
  }
}
