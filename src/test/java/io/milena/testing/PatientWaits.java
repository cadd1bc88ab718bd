package io.milena.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Found by the engine for every class of tests: a wait for a condition gives up after a time that a
 * busy machine keeps too. How long something took is not what such waits are for.
 */
public final class PatientWaits implements Extension, BeforeAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(PATIENCE);
  }
}
