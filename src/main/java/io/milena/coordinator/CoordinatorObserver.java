package io.milena.coordinator;

/** Hears what coordinators do, for metrics. Called on the runtime's event loop. */
public interface CoordinatorObserver {
  /** A partition's log was loaded. */
  void loaded(int records, long tookMs);

  /** A batch was committed. */
  void committed(int records, long tookMs);

  /** A batch was refused, or nobody knows how it ended. */
  void appendFailed();

  /** Hears nothing. */
  CoordinatorObserver NONE =
      new CoordinatorObserver() {
        @Override
        public void loaded(int records, long tookMs) {}

        @Override
        public void committed(int records, long tookMs) {}

        @Override
        public void appendFailed() {}
      };
}
