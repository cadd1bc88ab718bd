package io.milena.bus;

import io.milena.base.Backoff;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.metrics.BusMeters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import org.apache.kafka.common.protocol.Errors;

/**
 * Request and answer between brokers: asks, waits a little, asks again with backoff, until an
 * answer or the deadline comes. So every question must be repeatable without harm. Owned by one
 * verticle and used on its context.
 */
public final class Asking {
  private static final long FIRST_PAUSE_MS = 20;
  private static final long LONGEST_PAUSE_MS = 500;

  private final Vertx vertx;
  private final Clock clock;
  private final RandomSource random;
  private final BusMeters meters;

  /**
   * What whoever asks over the bus needs.
   *
   * @param meters told how long answers took
   */
  public record Tools(Clock clock, RandomSource random, BusMeters meters) {}

  public Asking(Vertx vertx, Tools tools) {
    this.vertx = vertx;
    this.clock = tools.clock();
    this.random = tools.random();
    this.meters = tools.meters();
  }

  /**
   * A request id that no other question of this process or an earlier one is likely to have.
   *
   * @return for {@link Envelope#requestId()}
   */
  public long newRequestId() {
    return random.nextLong();
  }

  /**
   * Asks {@code address}. Silence and a missing handler are retried; a refusal is not. The answer
   * is checked to come from the one asked (R51). Fails with {@link BusException} only.
   *
   * @param attemptMs how long one attempt may take, 500 to 2,000 ms for another broker
   * @param deadlineNs monotonic time after which the question is given up
   */
  public Future<BusMessage> ask(
      String address, BusMessage question, long attemptMs, long deadlineNs) {
    Promise<BusMessage> answer = Promise.promise();
    Backoff backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
    attempt(new Question(address, question, attemptMs, deadlineNs, backoff), answer);
    return answer.future();
  }

  private record Question(
      String address, BusMessage message, long attemptMs, long deadlineNs, Backoff backoff) {}

  private void attempt(Question question, Promise<BusMessage> answer) {
    long leftMs = (question.deadlineNs() - clock.monotonicNs()) / 1_000_000L;
    if (leftMs <= 0) {
      answer.fail(
          new BusException(Errors.REQUEST_TIMED_OUT, "no answer from " + question.address()));
      return;
    }
    long askedNs = clock.monotonicNs();
    vertx
        .eventBus()
        .<BusMessage>request(
            question.address(),
            question.message(),
            KafkaMessageCodec.options(Math.max(1, Math.min(leftMs, question.attemptMs()))))
        .onComplete(
            reply -> {
              if (answered(reply.cause())) {
                meters.answered(
                    question.message().envelope().targetId(), clock.monotonicNs() - askedNs);
              }
              if (reply.succeeded()) {
                judge(question, reply.result().body(), answer);
              } else if (retriable(reply.cause())) {
                again(question, answer);
              } else {
                answer.fail(refusal(question, reply.cause()));
              }
            });
  }

  private void again(Question question, Promise<BusMessage> answer) {
    long leftMs = (question.deadlineNs() - clock.monotonicNs()) / 1_000_000L;
    long pauseMs = Math.max(1, Math.min(question.backoff().nextMs(), leftMs));
    vertx.setTimer(pauseMs, t -> attempt(question, answer));
  }

  private void judge(Question question, BusMessage reply, Promise<BusMessage> answer) {
    if (reply.damage() != null) {
      again(question, answer);
    } else if (!reply.envelope().answers(question.message().envelope())) {
      answer.fail(
          new BusException(
              Errors.STALE_BROKER_EPOCH, "an answer from somebody else at " + question.address()));
    } else {
      answer.complete(reply);
    }
  }

  private static boolean answered(Throwable e) {
    return e == null
        || (e instanceof ReplyException reply
            && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE);
  }

  private static boolean retriable(Throwable e) {
    return e instanceof ReplyException reply
        && (reply.failureType() == ReplyFailure.TIMEOUT
            || reply.failureType() == ReplyFailure.NO_HANDLERS
            || (reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
                && reply.failureCode() == Errors.CORRUPT_MESSAGE.code()));
  }

  private static BusException refusal(Question question, Throwable e) {
    if (e instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
      return new BusException(
          Errors.forCode((short) reply.failureCode()),
          question.address() + " refused: " + reply.getMessage());
    }
    return new BusException(
        Errors.UNKNOWN_SERVER_ERROR, question.address() + " failed: " + e.getMessage());
  }

  /**
   * The receiver's side of R51: refuses what is damaged, from another cluster or for another
   * incarnation, and says so to the asker.
   *
   * @return true when the message was refused and must not be handled
   */
  public static boolean refused(
      Message<BusMessage> message, String ownClusterId, int ownId, long ownEpoch) {
    BusMessage body = message.body();
    if (body.damage() != null) {
      message.fail(Errors.CORRUPT_MESSAGE.code(), body.damage());
      return true;
    }
    Errors refusal = body.envelope().refusal(ownClusterId, ownId, ownEpoch);
    if (refusal != Errors.NONE) {
      message.fail(refusal.code(), refusal.name());
      return true;
    }
    return false;
  }
}
