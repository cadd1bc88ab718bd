package io.milena.app;

/** Placeholder: replaced by the next landing of this branch. */
final class WarmUp {
  static final String COMMAND = "warm-up";

  private WarmUp() {}

  static int run() {
    return 0;
  }
}
