package io.milena.process;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * A Kafka Streams application in a process of its own, to be killed: counts the words of the lines
 * of {@code lines} into {@code counts}, at least once, through a repartition and a changelog topic.
 * Words: bootstrap, state directory. Prints its states.
 */
public final class WordCount {
  private WordCount() {}

  public static void main(String[] args) {
    Properties settings = new Properties();
    settings.put("application.id", "word-count");
    settings.put("bootstrap.servers", args[0]);
    settings.put("state.dir", args[1]);
    settings.put("processing.guarantee", "at_least_once");
    settings.put("group.protocol", "classic");
    settings.put("commit.interval.ms", "500");
    settings.put("num.stream.threads", "2");
    settings.put("statestore.cache.max.bytes", "0");
    settings.put("consumer.session.timeout.ms", "6000");
    settings.put("consumer.heartbeat.interval.ms", "500");
    settings.put("consumer.auto.offset.reset", "earliest");
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> List.of(line.split(" ")))
        .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
        .count(Materialized.as("counted"))
        .toStream()
        .to("counts", Produced.with(Serdes.String(), Serdes.Long()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setStateListener((now, before) -> System.out.println("state " + now));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
    streams.start();
  }
}
