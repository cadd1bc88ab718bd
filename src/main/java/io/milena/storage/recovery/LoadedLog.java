package io.milena.storage.recovery;

import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.segment.Segment;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * A partition's folder after loading and recovery; handed from the worker to the owner, which alone
 * uses it from then on.
 *
 * @param segments oldest first, the last one active with its indexes; at least one
 * @param recoveryPoint offset below which everything is on the disk
 * @param epochFileExists false while the epochs can be told from the batches alone
 * @param cutBelowHighWatermark R15: the log is shorter than the checkpointed high watermark
 * @param asItWasLeft true when its files are what the last clean stop left
 */
public record LoadedLog(
    Uuid topicId,
    List<Segment> segments,
    long logStartOffset,
    long logEndOffset,
    long recoveryPoint,
    LeaderEpochs epochs,
    boolean epochFileExists,
    ProducerStates producers,
    boolean cutBelowHighWatermark,
    boolean asItWasLeft) {

  /**
   * True when a log without an epoch file would come to the same epochs: a single one from the log
   * start on. A thousand new partitions need a thousand files less; a clean stop writes them.
   */
  public static boolean impliedByBatches(LeaderEpochs epochs, long logStart) {
    return epochs.isEmpty()
        || (epochs.latestStartOffset() <= logStart
            && epochs.previousEpoch(epochs.latestEpoch()) == LeaderEpochs.UNDEFINED_EPOCH);
  }
}
