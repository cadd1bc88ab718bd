package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;

class ProduceRequestReaderProperties {
  @Property(tries = 500)
  void shouldReadWhatTheGeneratedClassWrites(
      @ForAll @IntRange(min = 3, max = 13) int version, @ForAll long seed) {
    ProduceRequestData data = request(new Random(seed), version);
    ByteBuf frame = frame(data, version);

    ProduceRequestReader.Request read = ProduceRequestReader.read(frame, (short) version);

    assertThat(read.transactionalId()).isEqualTo(data.transactionalId());
    assertThat(read.acks()).isEqualTo(data.acks());
    assertThat(read.timeoutMs()).isEqualTo(data.timeoutMs());
    assertThat(read.topics()).hasSize(data.topicData().size());
    int t = 0;
    for (TopicProduceData topic : data.topicData()) {
      ProduceRequestReader.Topic readTopic = read.topics().get(t++);
      assertThat(readTopic.name()).isEqualTo(version < 13 ? topic.name() : null);
      assertThat(readTopic.id()).isEqualTo(version < 13 ? Uuid.ZERO_UUID : topic.topicId());
      assertThat(readTopic.partitions()).hasSize(topic.partitionData().size());
      for (int p = 0; p < topic.partitionData().size(); p++) {
        PartitionProduceData part = topic.partitionData().get(p);
        ProduceRequestReader.Partition place = readTopic.partitions().get(p);
        assertThat(place.index()).isEqualTo(part.index());
        if (part.records() == null) {
          assertThat(place.length()).isEqualTo(-1);
        } else {
          assertThat(frame.nioBuffer(place.offset(), place.length()))
              .isEqualTo(((MemoryRecords) part.records()).buffer());
        }
      }
    }
    frame.release();
  }

  @Property(tries = 300)
  void shouldRefuseEveryFrameThatIsCutOff(
      @ForAll @IntRange(min = 3, max = 13) int version, @ForAll long seed) {
    Random random = new Random(seed);
    ByteBuf frame = frame(request(random, version), version);
    ByteBuf cut = frame.slice(0, random.nextInt(frame.readableBytes()));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> ProduceRequestReader.read(cut, (short) version));
    frame.release();
  }

  @Property(tries = 1000)
  void shouldNeverFailOtherwiseOnGarbledFrames(
      @ForAll @IntRange(min = 3, max = 13) int version, @ForAll long seed) {
    Random random = new Random(seed);
    ByteBuf frame = frame(request(random, version), version);
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      frame.setByte(random.nextInt(frame.readableBytes()), random.nextInt(256));
    }
    try {
      ProduceRequestReader.Request read = ProduceRequestReader.read(frame, (short) version);
      for (ProduceRequestReader.Topic topic : read.topics()) {
        for (ProduceRequestReader.Partition place : topic.partitions()) {
          assertThat(place.offset() + Math.max(0, place.length()))
              .isLessThanOrEqualTo(frame.writerIndex());
        }
      }
    } catch (InvalidRequestException refused) {
      assertThat(refused).hasMessageContaining("cannot be decoded");
    }
    frame.release();
  }

  private static ByteBuf frame(ProduceRequestData data, int version) {
    ByteBuffer bytes = MessageUtil.toByteBufferAccessor(data, (short) version).buffer();
    return Unpooled.directBuffer(bytes.remaining()).writeBytes(bytes);
  }

  private static ProduceRequestData request(Random random, int version) {
    ProduceRequestData data =
        new ProduceRequestData()
            .setAcks((short) (random.nextInt(3) - 1))
            .setTimeoutMs(random.nextInt())
            .setTransactionalId(random.nextBoolean() ? null : "t".repeat(random.nextInt(200)));
    int topics = random.nextInt(4);
    for (int t = 0; t < topics; t++) {
      TopicProduceData topic = new TopicProduceData();
      if (version < 13) {
        topic.setName("täpic" + t);
      } else {
        topic.setTopicId(Uuid.randomUuid());
      }
      int parts = random.nextInt(4);
      for (int p = 0; p < parts; p++) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        MemoryRecords records =
            random.nextInt(8) == 0 ? null : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
        topic
            .partitionData()
            .add(new PartitionProduceData().setIndex(random.nextInt()).setRecords(records));
      }
      data.topicData().add(topic);
    }
    return data;
  }
}
