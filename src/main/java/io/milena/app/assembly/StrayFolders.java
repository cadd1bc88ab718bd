package io.milena.app.assembly;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.storage.directory.LogDirectories;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders in the data directories that no partition of the first image claims. One whose topic was
 * marked for deletion when we started is the rest of a deletion that a crash cut short: it goes.
 * One whose topic ZooKeeper does not know, or of which this broker holds no replica, is put aside
 * as {@code -stray}, as Kafka does: its records stay, but it takes no part in anything and does not
 * spoil the clean-shutdown marker. One whose topic ZooKeeper does know though the image lacks it (a
 * znode that cannot be read) is left alone. Immutable; used once, by the main thread.
 */
final class StrayFolders {
  private static final Logger LOG = LoggerFactory.getLogger(StrayFolders.class);

  private final int brokerId;
  private final LogDirectories directories;
  private final ZkSession zk;
  private final Future<List<TopicPartition>> onDisk;
  private final Future<Set<String>> deleted;

  private StrayFolders(int brokerId, LogDirectories directories, ZkSession zk) {
    this.brokerId = brokerId;
    this.directories = directories;
    this.zk = zk;
    this.onDisk = directories.partitionsOnDisk();
    this.deleted = children(Paths.DELETE_TOPICS);
  }

  /** Looks at the disks and at the deletions under way; call before the controller may start. */
  static StrayFolders look(int brokerId, LogDirectories directories, ZkSession zk) {
    return new StrayFolders(brokerId, directories, zk);
  }

  /**
   * Puts aside or removes what {@code first}, the first image, does not claim; call before clients
   * can create topics. What cannot be moved is logged and stays.
   */
  Future<Void> putAside(ClusterImage first) {
    return onDisk
        .compose(
            folders -> {
              List<TopicPartition> unclaimed =
                  folders.stream().filter(tp -> !claimed(first, tp)).toList();
              if (unclaimed.isEmpty()) {
                return Future.<Void>succeededFuture();
              }
              Future<Set<String>> known = children(Paths.TOPICS);
              return Future.all(known, deleted)
                  .compose(read -> sort(first, unclaimed, known.result()));
            })
        .recover(
            e -> {
              LOG.warn("Folders of no topic stay for now: {}", e.toString());
              return Future.succeededFuture();
            });
  }

  private boolean claimed(ClusterImage image, TopicPartition tp) {
    TopicImage topic = image.topic(tp.topic());
    PartitionImage partition = topic == null ? null : topic.partition(tp.partition());
    return partition != null && partition.replicas().contains(brokerId);
  }

  private Future<Void> sort(
      ClusterImage image, List<TopicPartition> unclaimed, Set<String> inZooKeeper) {
    List<Future<Void>> moves = new ArrayList<>();
    for (TopicPartition tp : unclaimed) {
      boolean inImage = image.topic(tp.topic()) != null;
      if (!inImage && deleted.result().contains(tp.topic())) {
        moves.add(directories.deleteUnopened(tp));
      } else if (inImage || !inZooKeeper.contains(tp.topic())) {
        moves.add(directories.markStray(tp));
      } else {
        LOG.error("{} stays as it is: its topic is in ZooKeeper but cannot be read", tp);
      }
    }
    return Future.join(moves).mapEmpty();
  }

  private Future<Set<String>> children(String path) {
    return zk.children(path)
        .map(names -> (Set<String>) new HashSet<>(names))
        .recover(
            e ->
                e instanceof ZkException.NoNode
                    ? Future.succeededFuture(Set.of())
                    : Future.failedFuture(e));
  }
}
