package io.milena.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** Our own table and guards against the pinned kafka-clients. */
class SupportedApisTest {
  @Test
  void shouldServeEachApiInEveryStableVersionThatKafkaKnows() {
    for (SupportedApi api : SupportedApis.all()) {
      ApiKeys kafka = ApiKeys.forId(api.key());
      assertThat(api.name()).isEqualTo(kafka.name);
      assertThat(api.minVersion()).as(api.name()).isEqualTo(kafka.oldestVersion());
      assertThat(api.maxVersion()).as(api.name()).isEqualTo(kafka.latestVersion(false));
      if (api.key() != SupportedApis.PRODUCE) {
        assertThat(api.announcedMin()).isEqualTo(api.minVersion());
      }
    }
  }

  @Test
  void shouldUseTheHeadersThatKafkaUses() {
    for (SupportedApi api : SupportedApis.all()) {
      ApiKeys kafka = ApiKeys.forId(api.key());
      for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
        assertThat(api.flexible(version) ? 2 : 1)
            .as("request %s %s", api.name(), version)
            .isEqualTo(kafka.requestHeaderVersion(version));
        assertThat(api.taggedResponseHeader(version) ? 1 : 0)
            .as("response %s %s", api.name(), version)
            .isEqualTo(kafka.responseHeaderVersion(version));
      }
    }
  }

  @Test
  void shouldRefuseArraysAndStringsLongerThanTheirFrameBeforeAllocating() {
    ByteBuffer hugeArray = ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(0).flip();
    assertThatThrownBy(() -> RequestBodies.read(MetadataRequestData::new, hugeArray, (short) 1))
        .isInstanceOf(InvalidRequestException.class);
    ByteBuffer longString = ByteBuffer.allocate(8).putInt(1).putShort(Short.MAX_VALUE).flip();
    assertThatThrownBy(() -> RequestBodies.read(MetadataRequestData::new, longString, (short) 1))
        .isInstanceOf(InvalidRequestException.class);
    ByteBuffer manyElements = ByteBuffer.allocate(2_000_004).putInt(1_000_001).rewind();
    assertThatThrownBy(() -> RequestBodies.read(MetadataRequestData::new, manyElements, (short) 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("1000001");
    ByteBuffer nested = ByteBuffer.allocate(32).putInt(1).putShort((short) 0).putInt(1);
    nested.putShort((short) 1).putInt(999_999).rewind();
    assertThatThrownBy(() -> RequestBodies.read(CreateTopicsRequestData::new, nested, (short) 2))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void shouldRefuseTooManyTaggedFields() {
    ByteBuffer tags = ByteBuffer.allocate(40_000);
    tags.put((byte) 1).put((byte) 0).put((byte) 0).put((byte) 0);
    tags.put((byte) 0x91).put((byte) 0x4e).rewind();
    assertThatThrownBy(() -> RequestBodies.read(MetadataRequestData::new, tags, (short) 9))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("10001");
  }

  @Test
  void shouldSkipTaggedFieldsOfAHeaderAndRefuseFalseOnes() {
    ByteBuffer good = header().put((byte) 1).put((byte) 0).put((byte) 2).putShort((short) 9);
    good.put((byte) 77).flip();
    RequestHeader header = RequestHeader.read(good);
    assertThat(header.clientId()).isEqualTo("ab");
    assertThat(good.get()).as("position is at the body").isEqualTo((byte) 77);

    ByteBuffer tooLong = header().put((byte) 1).put((byte) 0).put((byte) 100).flip();
    assertThatThrownBy(() -> RequestHeader.read(tooLong))
        .isInstanceOf(InvalidRequestException.class);
    ByteBuffer endless = header();
    for (int i = 0; i < 6; i++) {
      endless.put((byte) -1);
    }
    assertThatThrownBy(() -> RequestHeader.read(endless.flip()))
        .isInstanceOf(InvalidRequestException.class);
  }

  private static ByteBuffer header() {
    return ByteBuffer.allocate(64)
        .putShort(SupportedApis.METADATA)
        .putShort((short) 9)
        .putInt(5)
        .putShort((short) 2)
        .put((byte) 'a')
        .put((byte) 'b');
  }
}
