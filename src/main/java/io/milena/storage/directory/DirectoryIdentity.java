package io.milena.storage.directory;

import io.milena.storage.file.StorageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Whose log directories these are: one sentence for everything that does not fit together. */
final class DirectoryIdentity {
  private DirectoryIdentity() {}

  /** Refuses directories that hold the same partition or belong to different brokers. */
  static void checkAgreement(List<DirectoryState> opened) {
    Set<TopicPartition> seen = new HashSet<>();
    DirectoryState first = null;
    for (DirectoryState directory : opened) {
      for (TopicPartition tp : directory.partitions) {
        if (!seen.add(tp)) {
          throw new StorageException(
              "Two log directories hold " + tp + ", one of them is in " + directory.path);
        }
      }
      if (directory.meta.clusterId() == null) {
        continue;
      }
      first = first == null ? directory : first;
      boolean agree =
          first.meta.clusterId().equals(directory.meta.clusterId())
              && first.meta.brokerId() == directory.meta.brokerId();
      if (!agree) {
        throw new StorageException(
            "Log directories belong to different brokers: "
                + describe(first)
                + ", "
                + describe(directory));
      }
    }
  }

  private static String describe(DirectoryState directory) {
    return directory.path
        + " to broker "
        + directory.meta.brokerId()
        + " of cluster "
        + directory.meta.clusterId();
  }

  /** Refuses a directory of another cluster or broker. */
  static void check(DirectoryState directory, String clusterId, int brokerId) {
    String otherCluster = directory.meta.clusterId();
    if (otherCluster != null && !otherCluster.equals(clusterId)) {
      throw new StorageException(
          "Log directory " + describe(directory) + " but ZooKeeper says cluster " + clusterId);
    }
    if (directory.meta.brokerId() >= 0 && directory.meta.brokerId() != brokerId) {
      throw new StorageException(
          "Log directory " + describe(directory) + " but broker.id is " + brokerId);
    }
  }
}
