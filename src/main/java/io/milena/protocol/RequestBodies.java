package io.milena.protocol;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Readable;

/**
 * Decodes request bodies with kafka-clients' generated classes. Those refuse, before they allocate,
 * arrays and strings longer than what remains, arrays over 1,000,000 elements and over 10,000
 * tagged fields (held by a contract test); here their various exceptions become one.
 */
public final class RequestBodies {
  /** A constructor of a generated class, e.g. {@code FetchRequestData::new}. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(Readable from, short version);
  }

  private RequestBodies() {}

  /**
   * Reads one body; its records, if any, share the buffer's memory.
   *
   * @throws InvalidRequestException when the bytes are no such request
   */
  public static <T> T read(Reader<T> reader, ByteBuffer body, short version) {
    try {
      return reader.read(new ByteBufferAccessor(body), version);
    } catch (RuntimeException e) {
      // The generated decoders throw plain RuntimeExceptions; all mean that the client's bytes are
      // wrong.
      throw new InvalidRequestException("The request body cannot be decoded: " + e.getMessage(), e);
    }
  }
}
