package io.milena.storage.recovery;

import io.milena.base.RandomSource;
import io.milena.config.TopicConfig;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;

/**
 * What is known before a partition's folder is read.
 *
 * @param topicId zero = whatever is there
 * @param clean true when the files may be trusted
 * @param foldAlways false when no producer snapshot at all means that there is no producer, as
 *     after a clean stop
 * @param recoveryPoint offset below which everything is on the disk, -1 when not known
 * @param logStartOffset from the checkpoint, -1 when there is none
 * @param highWatermark from the checkpoint, -1 when there is none
 */
public record LoadRequest(
    Path folder,
    Uuid topicId,
    TopicConfig config,
    boolean clean,
    boolean foldAlways,
    long recoveryPoint,
    long logStartOffset,
    long highWatermark,
    int producerIdExpirationMs,
    RandomSource random,
    long nowMs) {}
