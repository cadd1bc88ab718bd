package io.milena.config;

import io.milena.config.Setting.Synonym;
import io.milena.config.Setting.Update;
import io.milena.config.Setting.Use;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * A table of settings read from a resource of this package. One line is one setting, its columns
 * parted by tabs: name, type, default ({@code null} for none), range, importance, use ({@code +}
 * honoured, {@code -} harmless, {@code !} refused), update ({@code ro}, {@code broker}, {@code
 * rw}), synonyms, documentation. Immutable once read; usable from any thread.
 */
final class SettingTable {
  private static final int COLUMNS = 9;

  private final ConfigDef definition = new ConfigDef();
  private final Map<String, Setting> settings = new TreeMap<>();

  /** Reads {@code resource}; a malformed table is a bug and fails at once. */
  SettingTable(String resource) {
    try (InputStream in = SettingTable.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty() && line.charAt(0) != '#') {
          add(line.split("\t", -1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String[] cells) {
    if (cells.length != COLUMNS) {
      throw new IllegalStateException("setting " + cells[0] + " has " + cells.length + " columns");
    }
    Type type = Type.valueOf(cells[1]);
    Object defaultValue =
        cells[2].equals("null") ? null : ConfigDef.parseType(cells[0], cells[2], type);
    definition.define(
        cells[0],
        type,
        defaultValue,
        defaultValue == null ? Ranges.orNull(cells[3]) : Ranges.parse(cells[3]),
        Importance.valueOf(cells[4]),
        cells[8]);
    settings.put(
        cells[0],
        new Setting(
            definition.configKeys().get(cells[0]),
            use(cells[5]),
            update(cells[6]),
            synonyms(cells[7])));
  }

  private static Use use(String cell) {
    return switch (cell) {
      case "+" -> Use.HONOURED;
      case "-" -> Use.HARMLESS;
      case "!" -> Use.REFUSED;
      default -> throw new IllegalStateException("use " + cell);
    };
  }

  private static Update update(String cell) {
    return switch (cell) {
      case "ro" -> Update.READ_ONLY;
      case "broker" -> Update.PER_BROKER;
      case "rw" -> Update.CLUSTER_WIDE;
      default -> throw new IllegalStateException("update " + cell);
    };
  }

  private static List<Synonym> synonyms(String cell) {
    if (cell.isEmpty()) {
      return List.of();
    }
    List<Synonym> synonyms = new ArrayList<>();
    for (String one : cell.split(",")) {
      int star = one.indexOf('*');
      synonyms.add(
          star < 0
              ? new Synonym(one, 1)
              : new Synonym(one.substring(0, star), Long.parseLong(one.substring(star + 1))));
    }
    return synonyms;
  }

  /** All settings by name, in alphabetical order. */
  Map<String, Setting> settings() {
    return Collections.unmodifiableMap(settings);
  }

  /** The setting of that name, or null. */
  Setting get(String name) {
    return settings.get(name);
  }

  /** The same as Kafka's own object; callers must not change it. */
  ConfigDef definition() {
    return definition;
  }

  /**
   * {@code value} as the setting's type, checked against its range.
   *
   * @throws org.apache.kafka.common.config.ConfigException naming setting, value and reason
   */
  Object parse(String name, String value) {
    Setting setting = settings.get(name);
    Object parsed = ConfigDef.parseType(name, value, setting.key().type);
    if (setting.key().validator != null) {
      setting.key().validator.ensureValid(name, parsed);
    }
    return parsed;
  }
}
