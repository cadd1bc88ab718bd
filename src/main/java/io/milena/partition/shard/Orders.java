package io.milena.partition.shard;

import io.milena.config.TopicConfig;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.BecomeReply;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.milena.partition.PartitionMessages.StopReply;
import io.milena.storage.OpenLog;
import io.milena.storage.OpenedLog;
import io.milena.storage.PartitionLog;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the node orders: serve, stop, delete, take over settings. Orders that touch the
 * same partition run one after another in the order of their arrival; others side by side.
 */
final class Orders {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);
  private static final Logger STATE_CHANGE = LoggerFactory.getLogger("state-change");

  private final ShardLogs logs;
  private final Hosted hosted;
  private final GrowthWaits growthWaits;
  private final Function<OpenedLog, Partition> newPartition;
  private final Map<TopicPartition, Future<Void>> underWay = new HashMap<>();

  /**
   * @param newPartition makes a partition of an opened log
   */
  Orders(
      ShardLogs logs,
      Hosted hosted,
      GrowthWaits growthWaits,
      Function<OpenedLog, Partition> newPartition) {
    this.logs = logs;
    this.hosted = hosted;
    this.growthWaits = growthWaits;
    this.newPartition = newPartition;
  }

  private <R> Future<R> inTurn(List<TopicPartition> names, Supplier<Future<R>> work) {
    Promise<Void> over = Promise.promise();
    List<Future<Void>> before = new ArrayList<>();
    for (TopicPartition name : names) {
      Future<Void> earlier = underWay.put(name, over.future());
      if (earlier != null && earlier != over.future()) {
        before.add(earlier);
      }
    }
    Future<R> done = Future.join(before).transform(all -> work.get());
    return done.andThen(
        result -> {
          names.forEach(name -> underWay.remove(name, over.future()));
          over.complete();
        });
  }

  // ---- become -------------------------------------------------------------------------------

  Future<BecomeReply> become(Become order) {
    List<TopicPartition> names = order.parts().stream().map(Orders::name).toList();
    return inTurn(names, () -> becomeNow(order.parts(), names));
  }

  private static TopicPartition name(BecomePartition part) {
    return new TopicPartition(part.topic(), part.image().partition());
  }

  private Future<BecomeReply> becomeNow(List<BecomePartition> parts, List<TopicPartition> names) {
    Errors[] results = new Errors[parts.size()];
    List<Integer> toOpen = new ArrayList<>();
    List<Future<?>> retiring = new ArrayList<>();
    for (int i = 0; i < results.length; i++) {
      BecomePartition part = parts.get(i);
      Partition partition = hosted.find(part.topic(), part.image().partition());
      if (partition != null && sameTopic(partition, part)) {
        results[i] = obey(partition, part);
        continue;
      }
      if (partition != null) {
        // The topic was deleted and made anew while we did not hear: its old log is put aside.
        retiring.add(retire(partition, Refusal.of(Errors.UNKNOWN_TOPIC_ID)).close(true));
      }
      toOpen.add(i);
    }
    if (toOpen.isEmpty()) {
      return Future.succeededFuture(new BecomeReply(List.of(results)));
    }
    List<OpenLog> asks =
        toOpen.stream()
            .map(i -> new OpenLog(names.get(i), parts.get(i).topicId(), parts.get(i).config()))
            .toList();
    return Future.join(retiring)
        .transform(all -> logs.open(asks))
        .map(
            opened -> {
              for (int k = 0; k < opened.size(); k++) {
                int i = toOpen.get(k);
                results[i] = take(names.get(i), parts.get(i), opened.get(k));
              }
              STATE_CHANGE.info("opened {} of {} partitions", opened.size(), results.length);
              return new BecomeReply(List.of(results));
            });
  }

  private static boolean sameTopic(Partition partition, BecomePartition part) {
    return !Hosted.isSet(part.topicId()) || part.topicId().equals(partition.log().topicId());
  }

  private Errors obey(Partition partition, BecomePartition part) {
    int epochBefore = partition.image().leaderEpoch();
    Errors result = partition.become(part);
    if (partition.image().leaderEpoch() != epochBefore) {
      growthWaits.wake(partition);
    }
    return result;
  }

  private Errors take(TopicPartition name, BecomePartition part, OpenedLog opened) {
    if (opened.log() == null) {
      LOG.error("{} can not be opened: {}", name, opened.error().getMessage(), opened.error());
      hosted.putOffline(name);
      return Errors.KAFKA_STORAGE_ERROR;
    }
    Partition partition = newPartition.apply(opened);
    hosted.put(partition);
    return partition.become(part);
  }

  // ---- stop ---------------------------------------------------------------------------------

  Future<StopReply> stop(Stop order) {
    List<TopicPartition> names =
        order.parts().stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
    return inTurn(
        names,
        () ->
            Future.all(order.parts().stream().map(this::stopNow).toList())
                .map(all -> new StopReply(all.list())));
  }

  private Future<Errors> stopNow(StopPartition part) {
    TopicPartition name = new TopicPartition(part.topic(), part.partition());
    Partition partition = hosted.find(part.topic(), part.partition());
    if (partition == null) {
      hosted.remove(name);
      return Future.succeededFuture(Errors.NONE);
    }
    Refusal refusal =
        part.delete()
            ? Refusal.of(Errors.UNKNOWN_TOPIC_OR_PARTITION)
            : Refusal.notLeader(partition.image());
    PartitionLog log = retire(partition, refusal);
    STATE_CHANGE.debug("{} {}", part.delete() ? "deletes" : "stops", partition);
    return (part.delete() ? log.delete() : log.close(true))
        .map(Errors.NONE)
        .otherwise(
            failure -> {
              LOG.error("{} could not be put away", name, failure);
              return Errors.KAFKA_STORAGE_ERROR;
            });
  }

  private PartitionLog retire(Partition partition, Refusal refusal) {
    hosted.remove(partition.name());
    partition.stop(refusal);
    growthWaits.wake(partition);
    return partition.log();
  }

  // ---- configure ----------------------------------------------------------------------------

  void configure(Configure order) {
    for (Map.Entry<String, TopicConfig> topic : order.byTopic().entrySet()) {
      for (Partition partition : hosted.ofTopic(topic.getKey())) {
        if (!Objects.equals(partition.config(), topic.getValue())) {
          partition.configure(topic.getValue());
        }
      }
    }
  }
}
