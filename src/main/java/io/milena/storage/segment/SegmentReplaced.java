package io.milena.storage.segment;

import java.nio.file.NoSuchFileException;

/** The segment's place was taken by a compacted one meanwhile: look for the data there. */
public final class SegmentReplaced extends NoSuchFileException {
  private static final long serialVersionUID = 1L;

  public SegmentReplaced(Segment segment) {
    super(segment.logFile().toString(), null, "was compacted meanwhile");
  }
}
