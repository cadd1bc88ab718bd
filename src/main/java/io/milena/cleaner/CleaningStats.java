package io.milena.cleaner;

/** What one cleaning read and wrote. Owned by its cleaner. */
final class CleaningStats {
  long indexedBytes;
  long indexedRecords;
  long readBytes;
  long readRecords;
  long writtenBytes;
  long keptRecords;
  long keylessRecords;

  /** How much of what was read was written again, in percent. */
  double recopyPercent() {
    return readBytes == 0 ? 0 : 100.0 * writtenBytes / readBytes;
  }
}
