package io.milena.api;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchValidator;
import io.milena.metadata.TopicImage;
import io.milena.metrics.TopicMeters;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;

/**
 * One partition of a Produce request that passed the first look: what was sent for it, what the
 * validator made of it, and its answer. Owned by its {@link ProduceJob}; while it is validated on a
 * worker nobody else touches it.
 */
final class ProducePart {
  final TopicImage topic;
  final Uuid topicId;
  final TopicConfig config;
  final TopicMeters.Counts counts;
  final PartitionProduceResponse answer;

  /** Where the records are in the frame; length -1 for null. */
  private final ByteBuf frame;

  private final ProduceRequestReader.Partition place;
  private ByteBuffer given;
  private BatchValidator.Verdict verdict;

  /**
   * @param topicId null when the client named the topic by name
   */
  ProducePart(
      TopicImage topic,
      Uuid topicId,
      TopicConfig config,
      TopicMeters.Counts counts,
      ByteBuf frame,
      ProduceRequestReader.Partition place,
      PartitionProduceResponse answer) {
    this.topic = topic;
    this.topicId = topicId;
    this.config = config;
    this.counts = counts;
    this.frame = frame;
    this.place = place;
    this.answer = answer;
  }

  int partition() {
    return place.index();
  }

  int sizeBytes() {
    return Math.max(0, place.length());
  }

  /** The records as the validator wants them, sharing the frame's memory; null for null. */
  ByteBuffer bytes() {
    if (given == null && place.length() >= 0) {
      given = frame.nioBuffer(place.offset(), place.length());
    }
    return given;
  }

  void verdict(BatchValidator.Verdict reached) {
    verdict = reached;
  }

  BatchValidator.Verdict verdict() {
    return verdict;
  }

  List<BatchHeader> batches() {
    return ((BatchValidator.Valid) verdict).batches();
  }

  /**
   * The valid records for the shard, which becomes their owner: a slice of the frame, or a direct
   * copy of what a recompression made.
   */
  @SuppressWarnings("ReferenceEquality") // the validator gives back the very buffer or a new one
  ByteBuf handOver() {
    ByteBuffer records = ((BatchValidator.Valid) verdict).records();
    if (records == given) {
      return frame.retainedSlice(place.offset(), place.length());
    }
    return frame.alloc().directBuffer(records.remaining()).writeBytes(records);
  }
}
