package io.milena.process;

import java.io.IOException;

/** A broker in a process of its own, Milena or what it is compared with. */
interface BrokerProcess {
  /** Where its clients begin. */
  String bootstrap();

  /** Starts it and waits until it is ready to serve; also again after {@link #kill}. */
  BrokerProcess start() throws Exception;

  /** kill -9. */
  void kill() throws InterruptedException;

  /** SIGTERM and wait for the end; the exit code. */
  int stop() throws Exception;

  /** Everything it printed, over all starts. */
  String log() throws IOException;
}
