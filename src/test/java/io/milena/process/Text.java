package io.milena.process;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A text file that is the same each time: sentences of every length, in several scripts. */
final class Text {
  private static final long SEED = 20_261_124L;
  private static final int LONG_LINE_EACH = 5_000;
  private static final int LONG_LINE_WORDS = 6_000;
  private static final int DIFFERENT_NUMBERS = 1_000_000;
  private static final String[] WORDS = {
    "broker", "record", "segment", "offset", "leader", "epoch", "index", "a", "the", "of", "and",
    "is", "written", "read", "again", "never", "lost", "Größe", "naïve", "пример", "記録", "الى",
    "🙂", "\"quoted\"", "tab\there", "{\"json\":true}", "semi;colon", "trailing,"
  };

  private Text() {}

  /** Writes at least so many bytes of whole lines; the number of lines. */
  static long write(Path file, long bytes) throws IOException {
    Random random = new Random(SEED);
    long lines = 0;
    long written = 0;
    StringBuilder line = new StringBuilder();
    try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      while (written < bytes) {
        line.setLength(0);
        line.append(++lines);
        int words = lines % LONG_LINE_EACH == 0 ? LONG_LINE_WORDS : random.nextInt(24);
        for (int i = 0; i < words; i++) {
          line.append(' ').append(word(random));
        }
        out.append(line.append('\n'));
        written += line.length(); // chars, so at least as many bytes
      }
    }
    return lines;
  }

  private static String word(Random random) {
    int which = random.nextInt(WORDS.length + 4);
    return which < WORDS.length
        ? WORDS[which]
        : Integer.toString(random.nextInt(DIFFERENT_NUMBERS), Character.MAX_RADIX);
  }
}
