package io.milena.metrics;

import io.milena.metrics.TopicMeters.Counts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Gives the counters of topics and requests the names that Kafka dashboards know. */
final class KafkaMeters {
  private static final String TOPIC = "kafka_server_brokertopicmetrics_";
  private static final String REQUEST = "kafka_network_requestmetrics_";

  private record TopicCounter(String name, String help, Function<Counts, LongAdder> of) {}

  private static final List<TopicCounter> TOPIC_COUNTERS =
      List.of(
          new TopicCounter("bytesin", "Bytes of accepted batches", c -> c.bytesIn),
          new TopicCounter("messagesin", "Accepted records", c -> c.messagesIn),
          new TopicCounter("bytesout", "Bytes of batches sent to consumers", c -> c.bytesOut),
          new TopicCounter("bytesrejected", "Bytes of refused batches", c -> c.bytesRejected),
          new TopicCounter(
              "totalproducerequests",
              "Partitions in Produce requests",
              c -> c.totalProduceRequests),
          new TopicCounter(
              "totalfetchrequests", "Partitions in Fetch requests", c -> c.totalFetchRequests),
          new TopicCounter(
              "failedproducerequests",
              "Partitions in Produce requests answered with an error",
              c -> c.failedProduceRequests),
          new TopicCounter(
              "failedfetchrequests",
              "Partitions in Fetch requests answered with an error",
              c -> c.failedFetchRequests));

  private KafkaMeters() {}

  /** Each counter per topic, and with an empty topic label (the same as none) for all together. */
  static void addTopics(TopicMeters topics, List<Meter> to) {
    for (TopicCounter counter : TOPIC_COUNTERS) {
      String name = TOPIC + counter.name();
      to.add(
          Meter.counter(name, counter.help(), () -> counter.of().apply(topics.all()).sum())
              .with(Map.of("topic", "")));
      for (String topic : topics.topics()) {
        LongAdder adder = counter.of().apply(topics.of(topic));
        to.add(Meter.counter(name, counter.help(), adder::sum).with(Map.of("topic", topic)));
      }
    }
  }

  static void addRequests(RequestMeters requests, IntFunction<String> names, List<Meter> to) {
    for (int key = 0; key < requests.keys(); key++) {
      RequestMeters.OneApi api = requests.of(key);
      if (api == null) {
        continue;
      }
      String name = names.apply(key);
      for (int version = 0; version < requests.versions(); version++) {
        int asked = version;
        if (api.ofVersion(version) >= 0) {
          to.add(
              Meter.counter(REQUEST + "requests", "Requests", () -> api.ofVersion(asked))
                  .with(Map.of("request", name, "version", Integer.toString(version))));
        }
      }
      addTimes(name, api, to);
    }
  }

  private static void addTimes(String name, RequestMeters.OneApi api, List<Meter> to) {
    Map<String, String> request = Map.of("request", name);
    addTime(to, "totaltimems", "From the whole request to its answer", request, api.total);
    addTime(
        to, "requestqueuetimems", "From the whole request to its start", request, api.requestQueue);
    addTime(to, "localtimems", "The broker at work on it", request, api.local);
    addTime(to, "remotetimems", "Waiting for growth of a log or for replicas", request, api.remote);
    addTime(
        to,
        "responsequeuetimems",
        "The answer waiting for those before it",
        request,
        api.responseQueue);
    addSize(to, "requestbytes", "Bytes of requests", request, api.requestBytes);
    addSize(to, "responsebytes", "Bytes of answers", request, api.responseBytes);
  }

  private static void addTime(
      List<Meter> to, String name, String help, Map<String, String> request, Histogram times) {
    Meter like = Meter.named(REQUEST + name, help + ", in milliseconds", request);
    Meter.histogram(to, like, times, Meter.MILLISECONDS);
  }

  private static void addSize(
      List<Meter> to, String name, String help, Map<String, String> request, Histogram sizes) {
    Meter.histogram(to, Meter.named(REQUEST + name, help, request), sizes, Meter.AS_RECORDED);
  }
}
