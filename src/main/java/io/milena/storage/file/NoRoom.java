package io.milena.storage.file;

import java.util.Locale;

/** Tells a full disk from a broken one: the JDK has only the operating system's words for it. */
public final class NoRoom {
  private NoRoom() {}

  /** True when the failure, or what caused it, is a file system without room. */
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message == null) {
        continue;
      }
      String words = message.toLowerCase(Locale.ROOT);
      if (words.contains("no space left") || words.contains("quota exceeded")) {
        return true;
      }
    }
    return false;
  }
}
