package io.milena.testing;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What a reader of a compacted topic ends up with. */
public final class KeyTable {
  private KeyTable() {}

  /** The last word on each key; a tombstone is as good as nothing. */
  public static <T> Map<String, String> of(
      Iterable<T> records, Function<T, String> key, Function<T, String> value) {
    Map<String, String> table = new TreeMap<>();
    for (T record : records) {
      if (value.apply(record) == null) {
        table.remove(key.apply(record));
      } else {
        table.put(key.apply(record), value.apply(record));
      }
    }
    return table;
  }
}
