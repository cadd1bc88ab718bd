package io.milena.bus;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.Uuid;

/**
 * Records as CBOR, for the messages that are Milena's own (ImageUpdate, NodeReport): unknown fields
 * are ignored and missing ones take their defaults, so that brokers of different versions
 * understand each other. Only messages that leave the process are ever encoded.
 */
final class Cbor {
  private static final ObjectMapper MAPPER =
      CBORMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .addModule(
              new SimpleModule()
                  .addSerializer(Uuid.class, new UuidWriter())
                  .addDeserializer(Uuid.class, new UuidReader()))
          .build();

  private Cbor() {}

  static byte[] encode(Object record) {
    try {
      return MAPPER.writeValueAsBytes(record);
    } catch (IOException e) {
      throw new UncheckedIOException(record.getClass().getName() + " is no CBOR", e);
    }
  }

  static <T> T decode(byte[] bytes, Class<T> type) {
    try {
      return MAPPER.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException("no " + type.getName() + " in a bus message", e);
    }
  }

  private static final class UuidWriter extends StdSerializer<Uuid> {
    private static final long serialVersionUID = 1L;

    UuidWriter() {
      super(Uuid.class);
    }

    @Override
    public void serialize(
        Uuid value, com.fasterxml.jackson.core.JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }
  }

  private static final class UuidReader extends StdDeserializer<Uuid> {
    private static final long serialVersionUID = 1L;

    UuidReader() {
      super(Uuid.class);
    }

    @Override
    public Uuid deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return Uuid.fromString(in.getText());
    }
  }
}
