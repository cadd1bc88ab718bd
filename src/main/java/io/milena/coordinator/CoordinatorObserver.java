package io.milena.coordinator;

/** Hears what coordinators do, for metrics. Called on the runtime's event loop. */
public interface CoordinatorObserver {
  /** A partition's log was loaded. */
  void loaded(int records, long tookMs);

  /** A batch was committed. */
  void committed(int records, long tookMs);

  /** A batch was refused, or nobody knows how it ended. */
  void appendFailed();

  /** A step was taken: one request, timer or end of an append, on the event loop. */
  void stepTook(long ns);

  /** Hears nothing. */
  CoordinatorObserver NONE =
      new CoordinatorObserver() {
        @Override
        public void loaded(int records, long tookMs) {}

        @Override
        public void committed(int records, long tookMs) {}

        @Override
        public void appendFailed() {}

        @Override
        public void stepTook(long ns) {}
      };
}
