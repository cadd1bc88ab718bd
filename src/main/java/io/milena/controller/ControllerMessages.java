package io.milena.controller;

import io.milena.metadata.ImageDelta;
import org.apache.kafka.common.protocol.Errors;

/**
 * What controller and nodes say to each other besides Kafka's own messages. Within one process they
 * go by reference; between brokers as Jackson CBOR: unknown fields are ignored, missing ones are
 * defaulted (architecture §5.2). Every exchange is request and reply, repeatable, fenced by epochs
 * (R4).
 */
public final class ControllerMessages {
  private ControllerMessages() {}

  /** Kind of {@link NodeReport} and its answer among the bus's own records. */
  public static final short NODE_REPORT = 1;

  /** Kind of {@link ImageUpdate} and its answer. */
  public static final short IMAGE_UPDATE = 2;

  /**
   * A node's heartbeat and self-report, each 500 ms; also sent at once when it needs something.
   *
   * @param brokerId who reports
   * @param brokerEpoch its registration
   * @param controllerEpoch of the image it has, -1 none
   * @param imageNumber of the image it has, -1 none
   * @param imageDigest of the image it has; 0 when it did not compute it this time
   * @param wantsSnapshot true when it missed something
   * @param wantsShutdown true when it would like to stop
   */
  public record NodeReport(
      int brokerId,
      long brokerEpoch,
      int controllerEpoch,
      long imageNumber,
      long imageDigest,
      boolean wantsSnapshot,
      boolean wantsShutdown) {}

  /**
   * The controller's answer to a report.
   *
   * @param error code of NONE, STALE_BROKER_EPOCH (register anew), NOT_CONTROLLER (ask elsewhere)
   *     or BROKER_ID_NOT_REGISTERED (not seen yet, go on reporting)
   * @param controllerEpoch of the answering controller
   * @param mayShutDown true when everything that could move away has moved
   */
  public record NodeReportReply(short error, int controllerEpoch, boolean mayShutDown) {
    static NodeReportReply of(Errors error, int controllerEpoch) {
      return new NodeReportReply(error.code(), controllerEpoch, false);
    }
  }

  /**
   * A change of the image on its way to one broker; its envelope names sender and receiver (R4).
   *
   * @param base number that the receiver must have reached; what is in the delta happened after it.
   *     Meaningless for a snapshot
   * @param part number of this part, from 0
   * @param parts how many parts the delta was cut into
   * @param delta author, epoch, number and content of this part
   */
  public record ImageUpdate(long base, int part, int parts, ImageDelta delta) {}

  /**
   * A node's answer to an image update.
   *
   * @param error code of NONE (carried out), STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH, or {@link
   *     #GAP}
   * @param controllerEpoch highest that the node has heard of
   * @param imageNumber that it has reached
   */
  public record ImageUpdateReply(short error, int controllerEpoch, long imageNumber) {
    /** The node missed something: send a snapshot. */
    public static final Errors GAP = Errors.OFFSET_OUT_OF_RANGE;
  }
}
