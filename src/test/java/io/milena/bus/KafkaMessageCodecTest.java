package io.milena.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.metrics.BusMeters;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.junit.jupiter.api.Test;

/** What goes over the wire between brokers comes out the same, or is known to be damaged. */
class KafkaMessageCodecTest {
  private static final Envelope ENVELOPE =
      new Envelope("b2wpCBtKQZKgmMmuBDVcsw", 1, 77L, 2, 1L << 40, 9, -5L);
  private static final BusMeters METERS = new BusMeters();
  private static final KafkaMessageCodec CODEC = new KafkaMessageCodec(METERS);

  /** A record of our own as another version of the program might know it. */
  record Report(int number, Uuid id, Map<String, List<Integer>> lists) {}

  /** The same record in an older program. */
  record OldReport(int number, long neverSent) {}

  private static BusMessage overTheWire(BusMessage message) {
    Buffer wire = Buffer.buffer("before");
    CODEC.encodeToWire(wire, message);
    return CODEC.decodeFromWire(6, wire);
  }

  @Test
  void shouldCarryKafkasMessagesInTheirVersion() {
    BrokerHeartbeatRequestData body =
        new BrokerHeartbeatRequestData()
            .setBrokerId(1)
            .setBrokerEpoch(77)
            .setCurrentMetadataOffset(5)
            .setWantShutDown(true);

    BusMessage arrived = overTheWire(BusMessage.of(ENVELOPE, body, (short) 0));

    assertThat(arrived.damage()).isNull();
    assertThat(arrived.envelope()).isEqualTo(ENVELOPE);
    assertThat(arrived.apiKey()).isEqualTo((short) 63);
    BrokerHeartbeatRequestData read = arrived.message(BrokerHeartbeatRequestData::new);
    assertThat(read).isEqualTo(body);
    assertThat(arrived.isAnswer()).isFalse();
  }

  @Test
  void shouldCarryRecordsBetweenVersionsOfTheProgram() {
    Report report = new Report(4, Uuid.randomUuid(), Map.of("a", List.of(1, 2)));

    BusMessage arrived = overTheWire(BusMessage.ofRecord(ENVELOPE, (short) 1, report));

    assertThat(arrived.record(Report.class)).isEqualTo(report);
    assertThat(arrived.record(OldReport.class)).isEqualTo(new OldReport(4, 0));
    assertThat(arrived.version()).isEqualTo((short) 1);
  }

  @Test
  void shouldTurnTheEnvelopeRoundForTheAnswer() {
    BusMessage question = BusMessage.of(ENVELOPE, new BrokerHeartbeatRequestData(), (short) 0);

    BusMessage answer = overTheWire(question.answerRecord(10, new OldReport(1, 2)));

    assertThat(answer.isAnswer()).isTrue();
    assertThat(answer.envelope().answers(ENVELOPE)).isTrue();
    assertThat(answer.envelope().epoch()).isEqualTo(10);
    assertThat(ENVELOPE.answers(ENVELOPE)).isFalse();
  }

  @Test
  void shouldPassTheBodyByReferenceInsideTheProcess() {
    Report report = new Report(4, Uuid.ZERO_UUID, Map.of());
    BusMessage message = BusMessage.ofRecord(ENVELOPE, (short) 1, report);

    assertThat(CODEC.transform(message).record(Report.class)).isSameAs(report);
  }

  @Test
  void shouldRefuseToSendMoreThanABodyMayHold() {
    FetchRequestData large =
        new FetchRequestData().setClusterId("x".repeat(20_000)).setRackId("r".repeat(20_000));
    for (int i = 0; i < 20; i++) {
      large
          .forgottenTopicsData()
          .add(new FetchRequestData.ForgottenTopic().setTopic("t".repeat(15_000)));
    }

    assertThatThrownBy(() -> overTheWire(BusMessage.of(ENVELOPE, large, (short) 12)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("send parts");
  }

  @Property(tries = 300)
  void shouldNoticeAnyChangedByteAndAnyLostEnd(
      @ForAll @IntRange(min = 0, max = 95) int at, @ForAll @IntRange(min = 1, max = 255) int flip) {
    Buffer wire = Buffer.buffer();
    CODEC.encodeToWire(wire, BusMessage.of(ENVELOPE, new BrokerHeartbeatRequestData(), (short) 0));
    int position = at % wire.length();
    Buffer flipped = wire.copy().setByte(position, (byte) (wire.getByte(position) ^ flip));

    assertThat(CODEC.decodeFromWire(0, flipped).damage()).isNotNull();
    assertThat(CODEC.decodeFromWire(0, wire.getBuffer(0, position)).damage()).isNotNull();
  }
}
