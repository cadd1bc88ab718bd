package io.milena.storage.file;

import java.nio.file.Path;

/**
 * Names of a segment's files: the base offset in 20 digits and a suffix. While a file is being
 * removed or replaced a second suffix stands behind the first.
 */
public final class SegmentFiles {
  public static final String LOG = ".log";
  public static final String INDEX = ".index";
  public static final String TIME_INDEX = ".timeindex";
  public static final String TXN_INDEX = ".txnindex";
  public static final String SNAPSHOT = ".snapshot";
  public static final String DELETED = ".deleted";
  public static final String CLEANED = ".cleaned";
  public static final String SWAP = ".swap";
  public static final String EPOCHS = "leader-epoch-checkpoint";
  private static final int DIGITS = 20;

  private SegmentFiles() {}

  public static String name(long baseOffset, String suffix) {
    String digits = Long.toString(baseOffset);
    return "0".repeat(DIGITS - digits.length()) + digits + suffix;
  }

  public static Path path(Path folder, long baseOffset, String suffix) {
    return folder.resolve(name(baseOffset, suffix));
  }

  /** Base offset of a file name with this suffix, or -1 when it has another form. */
  public static long baseOffset(String name, String suffix) {
    if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < DIGITS; i++) {
      int digit = name.charAt(i) - '0';
      boolean fits = digit >= 0 && digit <= 9 && value <= (Long.MAX_VALUE - digit) / 10;
      if (!fits) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
