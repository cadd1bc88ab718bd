package io.milena.log.checkpoint;

import io.milena.log.CorruptFileException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The common grammar of Kafka's checkpoint files: line {@code 0} (version), line with the number of
 * entries, then that many lines of fields separated by one blank; UTF-8, each line ended by a
 * newline.
 */
final class CheckpointText {
  private CheckpointText() {}

  interface LineWriter {
    void write(int line, StringBuilder text);
  }

  static byte[] encode(int lines, LineWriter writer) {
    StringBuilder text = new StringBuilder(16 + 32 * lines);
    text.append("0\n").append(lines).append('\n');
    for (int i = 0; i < lines; i++) {
      writer.write(i, text);
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static List<String[]> decode(byte[] file, int fieldsPerLine) {
    String[] lines = new String(file, StandardCharsets.UTF_8).split("\r?\n", -1);
    if (lines.length < 2 || !"0".equals(lines[0])) {
      throw new CorruptFileException("no checkpoint of version 0");
    }
    long count = number(lines[1], Integer.MAX_VALUE);
    int present = lines.length - 2;
    while (present > 0 && lines[present + 1].isEmpty()) {
      present--;
    }
    if (count != present) {
      throw new CorruptFileException(present + " entries where " + count + " are announced");
    }
    List<String[]> result = new ArrayList<>(present);
    for (int i = 0; i < present; i++) {
      String[] fields = lines[i + 2].trim().split("\\s+");
      if (fields.length != fieldsPerLine) {
        throw new CorruptFileException("line " + (i + 3) + " has " + fields.length + " fields");
      }
      result.add(fields);
    }
    return result;
  }

  /** A decimal number from 0 to {@code max}. */
  static long number(String text, long max) {
    try {
      long value = Long.parseLong(text.trim());
      if (value >= 0 && value <= max) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      throw new CorruptFileException("not a number: " + shortened(text));
    }
    throw new CorruptFileException("number out of range: " + shortened(text));
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
