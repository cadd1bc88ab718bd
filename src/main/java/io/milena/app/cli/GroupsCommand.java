package io.milena.app.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code groups}: what Kafka's kafka-consumer-groups does most often. */
@Command(
    name = "groups",
    description = "Lists and describes groups.",
    mixinStandardHelpOptions = true,
    subcommands = {GroupsCommand.ListAll.class, GroupsCommand.Describe.class})
final class GroupsCommand extends CommandGroup {
  @Command(name = "list", description = "Lists all groups.", mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin private Connect connect;

    @Override
    public Integer call() throws Exception {
      try (Admin admin = connect.admin()) {
        Map<String, GroupListing> byName = new TreeMap<>();
        admin.listGroups().all().get().forEach(group -> byName.put(group.groupId(), group));
        byName.forEach(
            (name, group) ->
                System.out.printf(
                    "%s  %s  protocol %s  %s%n",
                    name,
                    group.type().map(Object::toString).orElse("-"),
                    group.protocol().isEmpty() ? "-" : group.protocol(),
                    group.groupState().map(Object::toString).orElse("-")));
      }
      return 0;
    }
  }

  @Command(
      name = "describe",
      description = "Shows members, committed offsets and lag of consumer groups.",
      mixinStandardHelpOptions = true)
  static final class Describe implements Callable<Integer> {
    @Mixin private Connect connect;

    @Parameters(paramLabel = "GROUP", arity = "0..*", description = "Default: all groups.")
    private List<String> groups = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
      try (Admin admin = connect.admin()) {
        for (String group : groups.isEmpty() ? consumerGroups(admin) : groups) {
          ConsumerGroupDescription found =
              admin.describeConsumerGroups(List.of(group)).all().get().get(group);
          print(found);
          printOffsets(admin, found);
        }
      }
      return 0;
    }

    private static Collection<String> consumerGroups(Admin admin)
        throws InterruptedException, ExecutionException {
      return admin.listGroups().all().get().stream()
          .filter(group -> group.protocol().isEmpty() || group.protocol().equals("consumer"))
          .map(GroupListing::groupId)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void print(ConsumerGroupDescription group) {
      System.out.printf(
          "%s  %s  %s  assignor %s  coordinator %s  members %d%n",
          group.groupId(),
          group.type(),
          group.groupState(),
          group.partitionAssignor().isEmpty() ? "-" : group.partitionAssignor(),
          group.coordinator().idString(),
          group.members().size());
      for (MemberDescription member : group.members()) {
        System.out.printf(
            "  member %s  client %s  host %s  has %s%n",
            member.consumerId(),
            member.clientId(),
            member.host(),
            member.assignment().topicPartitions().stream()
                .map(TopicPartition::toString)
                .sorted()
                .collect(Collectors.joining(",")));
      }
    }

    private static void printOffsets(Admin admin, ConsumerGroupDescription group)
        throws InterruptedException, ExecutionException {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(group.groupId())
              .partitionsToOffsetAndMetadata(group.groupId())
              .get();
      committed.values().removeIf(offset -> offset == null);
      Map<TopicPartition, ListOffsetsResultInfo> ends =
          admin
              .listOffsets(
                  committed.keySet().stream()
                      .collect(Collectors.toMap(Function.identity(), p -> OffsetSpec.latest())))
              .all()
              .get();
      committed.entrySet().stream()
          .sorted(
              Map.Entry.comparingByKey(
                  Comparator.comparing(TopicPartition::topic)
                      .thenComparingInt(TopicPartition::partition)))
          .forEach(
              entry -> {
                long at = entry.getValue().offset();
                long end = ends.get(entry.getKey()).offset();
                System.out.printf(
                    "  %s  committed %d  end %d  lag %d%n", entry.getKey(), at, end, end - at);
              });
    }
  }
}
