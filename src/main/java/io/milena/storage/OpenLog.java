package io.milena.storage;

import io.milena.config.TopicConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Asks a {@link LogStore} for a log: opened (and recovered) when a log directory holds it, created
 * in the directory with the fewest partitions otherwise. A folder of another topic id is put aside
 * as {@code -stray} first (the topic was deleted and re-created while this broker was away, F39).
 *
 * @param topicId checked against {@code partition.metadata}; {@link Uuid#ZERO_UUID} = whatever is
 *     there
 */
public record OpenLog(TopicPartition topicPartition, Uuid topicId, TopicConfig config) {}
