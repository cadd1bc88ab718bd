package io.milena.process;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Groups that read one topic while their members come and go: several {@link GroupStation}s, each
 * with a member of each of its groups, and what they printed at the end.
 */
final class GroupLife implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** A group and the settings of its members. */
  record Group(String name, List<String> settings) {
    static Group of(String name, String... settings) {
      return new Group(name, List.of(settings));
    }
  }

  /** From when to when a member had a partition; {@code untilMs} is kept open at first. */
  private record Span(String station, long fromMs, long untilMs) {}

  /** {@code again} is null where nobody starts it again when it ends by itself. */
  private record Station(String name, ForkedJvm jvm, List<Group> groups, Again again) {
    boolean hosts(String group) {
      return groups.stream().anyMatch(g -> g.name().equals(group));
    }
  }

  private record Again(String group, List<String> command, Map<String, String> environment) {}

  private final Path home;
  private final String bootstrap;
  private final String topic;
  private final int partitions;
  private final Admin admin;
  private final Set<String> groups = new HashSet<>();
  private final List<Station> stations = new ArrayList<>();
  private final Map<String, Long> endedMs = new HashMap<>();

  GroupLife(Path home, Admin admin, String bootstrap, String topic, int partitions) {
    this.home = home;
    this.admin = admin;
    this.bootstrap = bootstrap;
    this.topic = topic;
    this.partitions = partitions;
  }

  /**
   * A process of that age ({@code clients-…} of the peers, or {@code now}) joins these groups.
   *
   * @param instance stands for INSTANCE in the settings, for static members: two stations of one
   *     instance are the same member. ONCE is another word for each station: a killed static member
   *     of the consumer protocol is not let in again before its session ends (KIP-848)
   */
  ForkedJvm join(String age, String instance, List<Group> joined) throws Exception {
    String classPath =
        age.equals("now")
            ? System.getProperty("java.class.path")
            : Path.of("target/test-classes").toAbsolutePath()
                + File.pathSeparator
                + Peers.classPath(age);
    List<String> words =
        new ArrayList<>(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    words.addAll(List.of(classPath, GroupStation.class.getName(), bootstrap, topic));
    for (Group group : joined) {
      groups.add(group.name());
      words.add(
          (group.name() + ";" + String.join(";", group.settings()))
              .replace("INSTANCE", instance)
              .replace("ONCE", "once-" + stations.size()));
    }
    String name = topic + "-" + stations.size() + "-" + age;
    ForkedJvm jvm = ForkedJvm.start(home, home.resolve(name + ".out"), words);
    stations.add(new Station(name, jvm, joined, null));
    return jvm;
  }

  /**
   * A program that is not Java and prints as a {@link GroupStation} does joins that group. While
   * the group comes to rest it is started again when it ended by itself, as kcat does when no
   * broker answers.
   */
  ForkedJvm joinOther(String group, List<String> command, Map<String, String> environment)
      throws Exception {
    groups.add(group);
    String name = topic + "-" + stations.size() + "-" + group;
    ForkedJvm program =
        ForkedJvm.startOther(home, home.resolve(name + ".out"), command, environment);
    Again again = new Again(group, command, environment);
    stations.add(new Station(name, program, List.of(Group.of(group)), again));
    return program;
  }

  private void startAgain() throws Exception {
    for (Station station : List.copyOf(stations)) {
      boolean ended = !station.jvm().process().isAlive() && !endedMs.containsKey(station.name());
      if (ended && station.again() != null) {
        ended(station.jvm());
        Again again = station.again();
        joinOther(again.group(), again.command(), again.environment());
      }
    }
  }

  /** kill -9. */
  void kill(ForkedJvm station) throws Exception {
    station.kill();
    ended(station);
  }

  /** SIGTERM: its members leave their groups. */
  void leave(ForkedJvm station) throws Exception {
    station.close();
    ended(station);
  }

  private void ended(ForkedJvm station) {
    for (Station known : stations) {
      if (known.jvm() == station) {
        endedMs.put(known.name(), System.currentTimeMillis());
      }
    }
  }

  /** Waits until each member of that process was given something, even if it was nothing. */
  void awaitAssigned(ForkedJvm station) {
    Station known = stations.stream().filter(s -> s.jvm() == station).findFirst().orElseThrow();
    Awaitility.await(known.name() + " has joined its groups")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              String output = station.output();
              return known.groups().stream()
                  .allMatch(g -> output.contains(g.name() + " assigned "));
            });
  }

  /**
   * Waits until all groups are stable, have the members of the living processes and no others, and
   * each partition has one owner.
   */
  void awaitRest() {
    AtomicReference<Map<String, String>> missing = new AtomicReference<>(Map.of());
    try {
      Awaitility.await(topic + " has groups at rest")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                startAgain();
                missing.set(unrest());
                return missing.get().isEmpty();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("not at rest: " + missing, e);
    }
  }

  /** Why which group is not at rest. */
  private Map<String, String> unrest() throws Exception {
    Map<String, String> missing = new TreeMap<>();
    for (var described : admin.describeConsumerGroups(groups).describedGroups().entrySet()) {
      try {
        unrest(described.getValue().get(20, TimeUnit.SECONDS), missing);
      } catch (ExecutionException e) { // nobody joined yet, or the broker is just back
        missing.put(described.getKey(), e.getCause().toString());
      }
    }
    return missing;
  }

  private void unrest(ConsumerGroupDescription group, Map<String, String> missing) {
    long living =
        stations.stream()
            .filter(s -> !endedMs.containsKey(s.name()) && s.hosts(group.groupId()))
            .count();
    List<TopicPartition> owned =
        group.members().stream().flatMap(m -> m.assignment().topicPartitions().stream()).toList();
    boolean atRest =
        group.groupState() == GroupState.STABLE
            && group.members().size() == living
            && owned.size() == partitions
            && new HashSet<>(owned).size() == partitions;
    if (!atRest) {
      missing.put(
          group.groupId(), group.groupState() + " of " + living + ", has " + group.members());
    }
  }

  /** The protocol that a group is of. */
  GroupType type(String group) throws Exception {
    return admin
        .describeConsumerGroups(List.of(group))
        .describedGroups()
        .get(group)
        .get(20, TimeUnit.SECONDS)
        .type();
  }

  /** Waits until each group has committed the end of each partition. */
  void awaitCaughtUp() throws Exception {
    Map<TopicPartition, Long> ends = ends();
    Map<String, ListConsumerGroupOffsetsSpec> specs =
        groups.stream().collect(Collectors.toMap(g -> g, g -> new ListConsumerGroupOffsetsSpec()));
    AtomicReference<Set<String>> behind = new AtomicReference<>(Set.of());
    try {
      Awaitility.await(topic + " is read to its end")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                behind.set(behind(specs, ends));
                return behind.get().isEmpty();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("behind: " + behind, e);
    }
  }

  private Set<String> behind(
      Map<String, ListConsumerGroupOffsetsSpec> specs, Map<TopicPartition, Long> ends)
      throws Exception {
    Set<String> behind = new TreeSet<>();
    var all = admin.listConsumerGroupOffsets(specs).all().get(20, TimeUnit.SECONDS);
    all.forEach(
        (group, offsets) ->
            ends.forEach(
                (partition, end) -> {
                  var offset = offsets.get(partition);
                  if (offset == null || offset.offset() != end) {
                    behind.add(group + " " + partition + " " + offset + " of " + end);
                  }
                }));
    return behind;
  }

  private Map<TopicPartition, Long> ends() throws Exception {
    Map<TopicPartition, OffsetSpec> latest =
        IntStream.range(0, partitions)
            .boxed()
            .collect(Collectors.toMap(p -> new TopicPartition(topic, p), p -> OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(latest)
        .all()
        .get(20, TimeUnit.SECONDS)
        .forEach((partition, found) -> ends.put(partition, found.offset()));
    return ends;
  }

  /** What must not be in what the members printed; an empty list when all is well. */
  List<String> faults() throws Exception {
    List<String> faults = new ArrayList<>();
    Map<TopicPartition, Long> ends = ends();
    for (String group : groups) {
      Set<String> processed = new HashSet<>();
      Map<Integer, List<Span>> spans = new TreeMap<>();
      for (Station station : stations) {
        if (station.hosts(group)) {
          List<String> lines =
              station.jvm().output().lines().filter(l -> l.startsWith(group + " ")).toList();
          lines.stream().filter(l -> l.contains(" processed ")).forEach(processed::add);
          lines.stream()
              .filter(l -> l.startsWith(group + " failed "))
              .forEach(l -> faults.add(station.name() + ": " + l));
          spans(station, lines).forEach((p, found) -> merge(spans, p, found));
        }
      }
      ends.forEach(
          (partition, end) -> {
            for (long offset = 0; offset < end; offset++) {
              if (!processed.contains(
                  group + " processed " + partition.partition() + " " + offset)) {
                faults.add(group + " never processed " + partition + " " + offset);
              }
            }
          });
      spans.forEach((p, found) -> overlaps(group + " partition " + p, found, faults));
    }
    return faults;
  }

  private static void merge(Map<Integer, List<Span>> all, int partition, Collection<Span> more) {
    all.computeIfAbsent(partition, p -> new ArrayList<>()).addAll(more);
  }

  /** When this station had which partition; a lost one does not count: it was no longer its own. */
  private Map<Integer, List<Span>> spans(Station station, List<String> lines) {
    Map<Integer, List<Span>> spans = new HashMap<>();
    Map<Integer, Long> open = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 4);
      if (words.length < 4 || words[1].equals("processed") || !words[3].startsWith("[")) {
        continue;
      }
      long atMs = Long.parseLong(words[2]);
      for (int partition : numbers(words[3])) {
        if (words[1].equals("assigned")) {
          open.putIfAbsent(partition, atMs);
        } else {
          Long fromMs = open.remove(partition);
          if (fromMs != null && words[1].equals("revoked")) {
            merge(spans, partition, List.of(new Span(station.name(), fromMs, atMs)));
          }
        }
      }
    }
    long endMs = endedMs.getOrDefault(station.name(), Long.MAX_VALUE);
    open.forEach((p, from) -> merge(spans, p, List.of(new Span(station.name(), from, endMs))));
    return spans;
  }

  private static List<Integer> numbers(String list) {
    String inner = list.substring(1, list.indexOf(']'));
    return inner.isEmpty()
        ? List.of()
        : Arrays.stream(inner.split(", ")).map(Integer::valueOf).toList();
  }

  private static void overlaps(String where, List<Span> spans, List<String> faults) {
    for (Span one : spans) {
      for (Span other : spans) {
        if (one != other
            && !one.station().equals(other.station())
            && one.fromMs() <= other.fromMs()
            && other.fromMs() < one.untilMs()) {
          faults.add(where + ": two owners, " + one + " and " + other);
        }
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (Station station : stations) {
      station.jvm().kill();
    }
  }
}
