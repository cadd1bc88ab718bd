package io.milena.app;

/** Placeholder: replaced by the next landing of this branch. */
final class Starter {
  private Starter() {}

  static int run(StartArguments arguments) {
    return 0;
  }
}
