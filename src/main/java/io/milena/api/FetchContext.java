package io.milena.api;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/**
 * One Fetch request after its session was resolved: what to read and how to answer. Owned by the
 * connection's event loop.
 */
final class FetchContext {
  private static final int NO_SESSION = 0;

  private enum Kind {
    REFUSED,
    SESSIONLESS,
    FULL,
    INCREMENTAL
  }

  private final Kind kind;
  private final Errors error;
  private final List<FetchPosition> positions;
  private final FetchSessions sessions;
  private final boolean byTopicId;
  private final FetchSession session;
  private final int sessionEpoch;

  private FetchContext(
      Kind kind,
      Errors error,
      List<FetchPosition> positions,
      FetchSessions sessions,
      boolean byTopicId,
      FetchSession session) {
    this.kind = kind;
    this.error = error;
    this.positions = positions;
    this.sessions = sessions;
    this.byTopicId = byTopicId;
    this.session = session;
    this.sessionEpoch = session == null ? 0 : session.epoch();
  }

  static FetchContext refused(Errors error) {
    return new FetchContext(Kind.REFUSED, error, List.of(), null, false, null);
  }

  static FetchContext sessionless(List<FetchPosition> positions) {
    return new FetchContext(Kind.SESSIONLESS, Errors.NONE, positions, null, false, null);
  }

  static FetchContext full(
      FetchSessions sessions, List<FetchPosition> positions, boolean byTopicId) {
    return new FetchContext(Kind.FULL, Errors.NONE, positions, sessions, byTopicId, null);
  }

  /** The session has its new epoch already. */
  static FetchContext incremental(FetchSession session) {
    return new FetchContext(
        Kind.INCREMENTAL, Errors.NONE, session.positions(), null, session.byTopicId(), session);
  }

  /** NONE, or why nothing is read. */
  Errors error() {
    return error;
  }

  /** What to read, in this order. */
  List<FetchPosition> positions() {
    return positions;
  }

  /**
   * The answer.
   *
   * @param answers one per position, in their order
   */
  FetchResponseData respond(List<PartitionData> answers) {
    switch (kind) {
      case REFUSED:
        return empty(error, NO_SESSION);
      case SESSIONLESS:
        return all(NO_SESSION, answers);
      case FULL:
        FetchSession created = positions.isEmpty() ? null : sessions.create(byTopicId);
        if (created == null) {
          return all(NO_SESSION, answers);
        }
        created.tellAll(positions, answers);
        return all(created.id(), answers);
      case INCREMENTAL:
      default:
        return news(answers);
    }
  }

  private FetchResponseData news(List<PartitionData> answers) {
    if (session.epoch() != sessionEpoch) {
      return empty(Errors.INVALID_FETCH_SESSION_EPOCH, session.id());
    }
    FetchResponseData response = empty(Errors.NONE, session.id());
    for (int i = 0; i < positions.size(); i++) {
      if (session.tell(positions.get(i).key(), answers.get(i))) {
        add(response, positions.get(i).key(), answers.get(i));
      }
    }
    return response;
  }

  private FetchResponseData all(int sessionId, List<PartitionData> answers) {
    FetchResponseData response = empty(Errors.NONE, sessionId);
    for (int i = 0; i < positions.size(); i++) {
      add(response, positions.get(i).key(), answers.get(i));
    }
    return response;
  }

  private void add(FetchResponseData response, FetchPosition.Key key, PartitionData answer) {
    List<FetchableTopicResponse> topics = response.responses();
    FetchableTopicResponse topic = topics.isEmpty() ? null : topics.get(topics.size() - 1);
    if (topic == null || !sameTopic(topic, key)) {
      topic = new FetchableTopicResponse().setTopicId(key.topicId());
      if (key.topic() != null) {
        topic.setTopic(key.topic());
      }
      topics.add(topic);
    }
    topic.partitions().add(answer);
  }

  private static boolean sameTopic(FetchableTopicResponse topic, FetchPosition.Key key) {
    return key.topic() != null
        ? key.topic().equals(topic.topic())
        : key.topicId().equals(topic.topicId());
  }

  private static FetchResponseData empty(Errors error, int sessionId) {
    return new FetchResponseData().setErrorCode(error.code()).setSessionId(sessionId);
  }
}
