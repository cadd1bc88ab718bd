package io.milena.protocol;

/**
 * What a frame (int32 length, then so many bytes) may announce. Immutable.
 *
 * @param maxBytes {@code socket.request.max.bytes}
 */
public record FrameLimits(int maxBytes) {
  /** Bytes of the length field in front of every frame. */
  public static final int LENGTH_BYTES = 4;

  /** API key, version and correlation id: no request is shorter. */
  public static final int MIN_BYTES = 8;

  /** True when a frame that announces this length may be read. */
  public boolean admits(int length) {
    return length >= MIN_BYTES && length <= maxBytes;
  }
}
