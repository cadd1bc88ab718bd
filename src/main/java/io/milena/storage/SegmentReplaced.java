package io.milena.storage;

import java.nio.file.NoSuchFileException;

/** The segment's place was taken by a compacted one meanwhile: look for the data there. */
final class SegmentReplaced extends NoSuchFileException {
  private static final long serialVersionUID = 1L;

  SegmentReplaced(Segment segment) {
    super(segment.logFile().toString(), null, "was compacted meanwhile");
  }
}
