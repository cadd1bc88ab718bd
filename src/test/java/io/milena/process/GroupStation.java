package io.milena.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;

/**
 * One member of each of several groups in a process of its own, to be killed or told to leave
 * (SIGTERM). Words: bootstrap, topic, then for each member {@code group;key=value;key=value}; the
 * key {@code pattern} subscribes by a regular expression of the broker (KIP-848). Runs with any
 * kafka-clients from 2.1 on.
 *
 * <p>Prints lines {@code GROUP processed PARTITION OFFSET} before it commits them, and {@code GROUP
 * assigned|revoked|lost MILLISECONDS PARTITIONS}: an assignment at its begin, a revocation at its
 * end. {@code GROUP failed REASON} is the end of a member.
 */
public final class GroupStation {
  private static final String BYTES = "org.apache.kafka.common.serialization.ByteArrayDeserializer";

  private GroupStation() {}

  public static void main(String[] args) throws Exception {
    List<Member> members = new ArrayList<>();
    for (String word : Arrays.asList(args).subList(2, args.length)) {
      members.add(new Member(args[0], args[1], word.split(";")));
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> members.forEach(Member::leave)));
    members.forEach(Thread::start);
    for (Member member : members) {
      member.join();
    }
  }

  /** Owns its consumer; only {@link #leave} may be called from another thread. */
  private static final class Member extends Thread implements ConsumerRebalanceListener {
    private final String group;
    private final String topic;
    private final String pattern;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private volatile boolean leaving;

    Member(String bootstrap, String topic, String[] words) {
      this.group = words[0];
      this.topic = topic;
      Map<String, Object> settings = new HashMap<>();
      settings.put("bootstrap.servers", bootstrap);
      settings.put("group.id", group);
      settings.put("enable.auto.commit", "false");
      settings.put("auto.offset.reset", "earliest");
      settings.put("max.poll.records", "100");
      settings.put("reconnect.backoff.max.ms", "300");
      settings.put("key.deserializer", BYTES);
      settings.put("value.deserializer", BYTES);
      for (String word : Arrays.asList(words).subList(1, words.length)) {
        int at = word.indexOf('=');
        settings.put(word.substring(0, at), word.substring(at + 1));
      }
      pattern = (String) settings.remove("pattern");
      consumer = new KafkaConsumer<>(settings);
    }

    @Override
    public void run() {
      try {
        subscribe();
        while (!leaving) {
          step();
        }
      } catch (WakeupException e) {
        print("woken"); // only leave() wakes it
      } catch (ReflectiveOperationException | RuntimeException e) {
        print("failed " + e);
      } finally {
        print("revoked", consumer.assignment()); // older clients do not tell when they close
        consumer.close();
      }
    }

    private void subscribe() throws ReflectiveOperationException {
      if (pattern == null) {
        consumer.subscribe(List.of(topic), this);
        return;
      }
      // by reflection: clients of other ages have no such class, and still load this one
      Class<?> type = Class.forName("org.apache.kafka.clients.consumer.SubscriptionPattern");
      KafkaConsumer.class
          .getMethod("subscribe", type, ConsumerRebalanceListener.class)
          .invoke(consumer, type.getConstructor(String.class).newInstance(pattern), this);
    }

    private void step() {
      StringBuilder found = new StringBuilder();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        found.append(group).append(" processed ").append(record.partition()).append(' ');
        found.append(record.offset()).append('\n');
      }
      if (found.length() == 0) {
        return;
      }
      System.out.print(found);
      System.out.flush();
      try {
        consumer.commitSync();
      } catch (RebalanceInProgressException | CommitFailedException e) {
        print("not committed: " + e);
      } catch (RetriableException e) {
        print("later: " + e);
      }
    }

    private void print(String what) {
      System.out.println(group + " " + what);
      System.out.flush();
    }

    private void print(String what, Collection<TopicPartition> partitions) {
      TreeSet<Integer> numbers = new TreeSet<>();
      partitions.forEach(p -> numbers.add(p.partition()));
      print(what + " " + System.currentTimeMillis() + " " + numbers);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      print("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      print("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      print("lost", partitions);
    }

    /** Wakes the consumer and waits until it left its group. */
    void leave() {
      leaving = true;
      consumer.wakeup();
      try {
        join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
