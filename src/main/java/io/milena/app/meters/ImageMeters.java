package io.milena.app.meters;

import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.Meter;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What can be read out of the cluster image: the gauges of Kafka's ReplicaManager and
 * KafkaController. As with Kafka, those of the controller are 0 at every other broker, so that
 * their sum over the brokers is right. Called by the thread that scrapes.
 */
final class ImageMeters {
  private static final String REPLICAS = "kafka_server_replicamanager_";
  private static final String CONTROLLER = "kafka_controller_kafkacontroller_";

  private final int brokerId;
  private final Supplier<ClusterImage> image;
  private final BiFunction<ClusterImage, TopicImage, TopicConfig> configs;

  /** One walk over the image. */
  private static final class Counts {
    private int here;
    private int led;
    private int underReplicated;
    private int underMinIsr;
    private int atMinIsr;
    private int reassigning;
    private int partitions;
    private int offline;
    private int notPreferred;
  }

  /**
   * @param configs effective settings of a topic under an image
   */
  ImageMeters(
      int brokerId,
      Supplier<ClusterImage> image,
      BiFunction<ClusterImage, TopicImage, TopicConfig> configs) {
    this.brokerId = brokerId;
    this.image = image;
    this.configs = configs;
  }

  /** All series as of now. */
  List<Meter> series() {
    ClusterImage now = image.get();
    Counts counts = new Counts();
    for (TopicImage topic : now.topics().values()) {
      count(now, topic, counts);
    }
    boolean active = now.controllerId() == brokerId;
    long fenced = now.brokers().values().stream().filter(broker -> broker.fenced()).count();
    return List.of(
        replicas("partitioncount", "Partitions with a replica on this broker", counts.here),
        replicas("leadercount", "Partitions that this broker leads", counts.led),
        replicas(
            "underreplicatedpartitions",
            "Partitions led here whose ISR is not complete",
            counts.underReplicated),
        replicas(
            "underminisrpartitioncount",
            "Partitions led here whose ISR is below min.insync.replicas",
            counts.underMinIsr),
        replicas(
            "atminisrpartitioncount",
            "Partitions led here whose ISR is just min.insync.replicas",
            counts.atMinIsr),
        replicas(
            "reassigningpartitions",
            "Partitions led here that are being reassigned",
            counts.reassigning),
        controller("activecontrollercount", "1 while this broker is the controller", active, 1),
        controller("globaltopiccount", "Topics of the cluster", active, now.topics().size()),
        controller("globalpartitioncount", "Partitions of the cluster", active, counts.partitions),
        controller("offlinepartitionscount", "Partitions without a leader", active, counts.offline),
        controller(
            "preferredreplicaimbalancecount",
            "Partitions that their first replica does not lead",
            active,
            counts.notPreferred),
        controller(
            "activebrokercount",
            "Live brokers that are not fenced",
            active,
            now.brokers().size() - fenced),
        controller(
            "fencedbrokercount", "Live brokers whose heartbeats are missing", active, fenced),
        Meter.gauge(
            "milena_image_number",
            "Number of the last applied image under its controller epoch",
            now::number));
  }

  private void count(ClusterImage now, TopicImage topic, Counts counts) {
    int minIsr = -1;
    for (PartitionImage partition : topic.partitions()) {
      counts.partitions++;
      counts.here += partition.replicas().contains(brokerId) ? 1 : 0;
      counts.offline += partition.leader() == PartitionImage.NO_LEADER ? 1 : 0;
      counts.notPreferred += partition.leader() != partition.replicas().get(0) ? 1 : 0;
      if (partition.leader() != brokerId) {
        continue;
      }
      if (minIsr < 0) {
        minIsr = configs.apply(now, topic).minInsyncReplicas();
      }
      int inSync = partition.isr().size();
      int needed = Math.min(minIsr, partition.replicas().size());
      counts.led++;
      counts.underReplicated += inSync < partition.replicas().size() ? 1 : 0;
      counts.underMinIsr += inSync < needed ? 1 : 0;
      counts.atMinIsr += inSync == needed ? 1 : 0;
      counts.reassigning +=
          partition.addingReplicas().isEmpty() && partition.removingReplicas().isEmpty() ? 0 : 1;
    }
  }

  private static Meter replicas(String name, String help, double value) {
    return Meter.gauge(REPLICAS + name, help, () -> value);
  }

  private static Meter controller(String name, String help, boolean active, double value) {
    return Meter.gauge(CONTROLLER + name, help, () -> active ? value : 0);
  }
}
