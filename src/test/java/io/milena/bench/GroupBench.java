package io.milena.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What groups cost a broker: offset commits, and rebalances of many members. Speaks the protocol
 * itself, needs only an address and, for CPU figures, the broker's process id on this machine;
 * works against Milena and Apache Kafka alike.
 *
 * <pre>
 * java -cp TEST-CLASS-PATH io.milena.bench.GroupBench commits \
 *     --bootstrap 127.0.0.1:9092 --pid 1234 --connections 8 --window 16 --seconds 10
 * java -cp … io.milena.bench.GroupBench rebalance-classic  --bootstrap … --pid … --members 500
 * java -cp … io.milena.bench.GroupBench rebalance-consumer --bootstrap … --pid … --members 500
 * </pre>
 *
 * One JSON object goes to standard output. The class path is that of the tests (for instance by
 * {@code mvn dependency:build-classpath} with {@code target/test-classes} and {@code
 * target/classes} before it).
 */
public final class GroupBench {
  static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * @param what {@code commits}, {@code rebalance-classic} or {@code rebalance-consumer}
   * @param window commits in flight per connection
   * @param groups that the connections commit for
   * @param partitionsPerCommit partitions of one request
   * @param partitions of the topic
   * @param repeats groups, one after the other, of a rebalance load
   * @param heartbeatMs pause between heartbeats of classic members
   */
  record Options(
      String what,
      InetSocketAddress bootstrap,
      long pid,
      int connections,
      int window,
      int groups,
      int partitionsPerCommit,
      int partitions,
      int members,
      int repeats,
      int heartbeatMs,
      int warmUpSeconds,
      int seconds) {}

  private GroupBench() {}

  /** Runs one load; ends with 2 when the words make no sense. */
  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    BrokerProcess broker = new BrokerProcess(options.pid());
    ObjectNode result = JSON.createObjectNode().put("what", options.what());
    result.setAll(
        options.what().equals("commits")
            ? new CommitLoad(options).run(options.bootstrap(), broker)
            : RebalanceLoad.run(options, options.bootstrap(), broker));
    System.out.println(JSON.writeValueAsString(result));
  }

  private static Options parse(String[] args) {
    List<String> known = List.of("commits", "rebalance-classic", "rebalance-consumer");
    if (args.length == 0 || !known.contains(args[0])) {
      throw new IllegalArgumentException("first word: one of " + known);
    }
    Map<String, String> given = new HashMap<>();
    for (int i = 1; i + 1 < args.length; i += 2) {
      given.put(args[i], args[i + 1]);
    }
    Numbers numbers = new Numbers(given);
    String[] address = given.getOrDefault("--bootstrap", "127.0.0.1:9092").split(":");
    given.remove("--bootstrap");
    boolean commits = args[0].equals("commits");
    Options options =
        new Options(
            args[0],
            new InetSocketAddress(address[0], Integer.parseInt(address[1])),
            numbers.take("--pid", 0),
            numbers.take("--connections", 8),
            numbers.take("--window", 16),
            numbers.take("--groups", 8),
            numbers.take("--partitions-per-commit", 1),
            numbers.take("--partitions", commits ? 16 : 1_000),
            numbers.take("--members", 500),
            numbers.take("--repeats", 3),
            numbers.take("--heartbeat-ms", 1_000),
            numbers.take("--warm-up-seconds", 5),
            numbers.take("--seconds", 10));
    if (!given.isEmpty()) {
      throw new IllegalArgumentException("unknown: " + given.keySet());
    }
    return options;
  }

  /** Takes numbers out of what was given. */
  private record Numbers(Map<String, String> given) {
    int take(String name, int otherwise) {
      String value = given.remove(name);
      return value == null ? otherwise : Integer.parseInt(value);
    }
  }
}
