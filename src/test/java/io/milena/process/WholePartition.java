package io.milena.process;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** A partition as a consumer has it that reads all of it. */
final class WholePartition {
  private WholePartition() {}

  /**
   * Shows every record up to the end that the partition has now, in their order.
   *
   * @param settings of the consumer
   * @param of keys and values
   * @throws AssertionError when the end is not reached within {@code limit}
   */
  static <T> void read(
      Map<String, Object> settings,
      TopicPartition partition,
      Deserializer<T> of,
      Duration limit,
      Consumer<ConsumerRecord<T, T>> seen) {
    try (KafkaConsumer<T, T> consumer = new KafkaConsumer<>(settings, of, of)) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long deadlineNs = System.nanoTime() + limit.toNanos();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadlineNs) {
          throw new AssertionError(
              partition + " read to " + consumer.position(partition) + " of " + end);
        }
        consumer.poll(Duration.ofMillis(500)).forEach(seen);
      }
    }
  }
}
