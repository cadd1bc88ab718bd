package io.milena.bus;

import org.apache.kafka.common.protocol.Errors;

/**
 * Who speaks to whom, under which epoch (R51, R4).
 *
 * @param clusterId of the sender
 * @param senderId broker id of the sender
 * @param senderEpoch its broker epoch
 * @param targetId broker id of the one meant
 * @param targetEpoch its broker epoch as the sender knows it
 * @param epoch controller epoch, or leader epoch in messages about one partition; -1 when neither
 * @param requestId chosen by the asker, repeated in the answer
 */
public record Envelope(
    String clusterId,
    int senderId,
    long senderEpoch,
    int targetId,
    long targetEpoch,
    int epoch,
    long requestId) {
  /**
   * The receiver's check: right cluster, right broker, right incarnation. Other epochs are the
   * business of whoever handles the message.
   *
   * @return NONE, or why the message must be refused without any effect
   */
  public Errors refusal(String ownClusterId, int ownId, long ownEpoch) {
    if (!clusterId.equals(ownClusterId)) {
      return Errors.INCONSISTENT_CLUSTER_ID;
    }
    if (targetId != ownId || targetEpoch != ownEpoch) {
      return Errors.STALE_BROKER_EPOCH;
    }
    return Errors.NONE;
  }

  /** The envelope of the answer: sender and target change places. */
  public Envelope answer(int epochOfAnswer) {
    return new Envelope(
        clusterId, targetId, targetEpoch, senderId, senderEpoch, epochOfAnswer, requestId);
  }

  /** True when this envelope belongs to the answer to {@code question}. */
  boolean answers(Envelope question) {
    return requestId == question.requestId
        && senderId == question.targetId
        && senderEpoch == question.targetEpoch
        && clusterId.equals(question.clusterId);
  }
}
