package io.milena.process;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a group in a process of its own, to be killed: prints what it processed after each
 * poll, then commits. Words: bootstrap, topic, group, key=value….
 */
public final class GroupMember {
  private GroupMember() {}

  public static void main(String[] args) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", args[0]);
    settings.put("group.id", args[2]);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "earliest");
    settings.put("max.poll.records", "20");
    for (int i = 3; i < args.length; i++) {
      int at = args[i].indexOf('=');
      settings.put(args[i].substring(0, at), args[i].substring(at + 1));
    }
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(args[1]));
      while (true) {
        ConsumerRecords<String, String> found = consumer.poll(Duration.ofMillis(200));
        for (ConsumerRecord<String, String> record : found) {
          System.out.println("processed " + record.partition() + " " + record.offset());
        }
        System.out.flush();
        try {
          consumer.commitSync();
        } catch (RebalanceInProgressException
            | CommitFailedException
            | RetriableCommitFailedException e) {
          System.out.println("not committed: " + e.getMessage());
        } catch (RetriableException e) {
          System.out.println("later: " + e.getMessage());
        }
      }
    }
  }
}
