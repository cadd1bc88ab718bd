package io.milena.api;

import io.milena.base.RandomSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;

/**
 * The incremental fetch sessions of one connection (KIP-227). A session remembers what a client
 * fetches, so that a request names only what changed and an answer only what is new. Owned by the
 * connection's event loop; goes with the connection.
 *
 * <p>Always holds: at most {@link #MAX_PER_CONNECTION} sessions, each with one slot of {@link
 * FetchSessionSlots}; the least recently used one makes room for another. A session that vanished
 * costs its client one full request.
 */
public final class FetchSessions {
  /** One Java consumer has one session per broker; more is a proxy in between. */
  static final int MAX_PER_CONNECTION = 16;

  private static final int FINAL_EPOCH = -1;
  private static final int INITIAL_EPOCH = 0;

  private final FetchSessionSlots slots;
  private final RandomSource random;
  private final LinkedHashMap<Integer, FetchSession> byId = new LinkedHashMap<>(4, 0.75f, true);
  private final List<Runnable> waits = new ArrayList<>(2);
  private boolean closed;

  /**
   * @param slots of the same event loop
   * @param random for session ids
   */
  public FetchSessions(FetchSessionSlots slots, RandomSource random) {
    this.slots = slots;
    this.random = random;
  }

  /** Ends all sessions and the long polls under way: the connection is gone. */
  public void close() {
    closed = true;
    byId.values().forEach(FetchSession::drop);
    byId.clear();
    List<Runnable> pending = List.copyOf(waits);
    waits.clear();
    pending.forEach(Runnable::run);
  }

  boolean closed() {
    return closed;
  }

  /** Registers what ends a long poll early when the connection goes. */
  void waiting(Runnable onClose) {
    waits.add(onClose);
  }

  void waitOver(Runnable onClose) {
    waits.remove(onClose);
  }

  /**
   * Resolves the session of a request and takes over its changes.
   *
   * @param byTopicId true from version 13 on: topics are named by id
   */
  FetchContext open(FetchRequestData request, boolean byTopicId) {
    int epoch = request.sessionEpoch();
    if (epoch == FINAL_EPOCH || epoch == INITIAL_EPOCH) {
      remove(request.sessionId());
      List<FetchPosition> positions = FetchPosition.listOf(request, byTopicId);
      return epoch == FINAL_EPOCH
          ? FetchContext.sessionless(positions)
          : FetchContext.full(this, positions, byTopicId);
    }
    FetchSession session = byId.get(request.sessionId());
    if (session == null) {
      return FetchContext.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }
    if (session.epoch() != epoch) {
      return FetchContext.refused(Errors.INVALID_FETCH_SESSION_EPOCH);
    }
    if (session.byTopicId() != byTopicId) {
      return FetchContext.refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
    }
    session.update(FetchPosition.listOf(request, byTopicId), request.forgottenTopicsData());
    if (session.isEmpty()) {
      remove(session.id());
      return FetchContext.sessionless(List.of());
    }
    session.advanceEpoch();
    return FetchContext.incremental(session);
  }

  /** A new session, or null when there is no room: the client goes on without. */
  FetchSession create(boolean byTopicId) {
    if (closed) {
      return null;
    }
    if (byId.size() >= MAX_PER_CONNECTION) {
      Map.Entry<Integer, FetchSession> oldest = byId.entrySet().iterator().next();
      remove(oldest.getKey());
    }
    if (!slots.take()) {
      return null;
    }
    int id;
    do {
      id = random.nextInt(Integer.MAX_VALUE - 1) + 1;
    } while (byId.containsKey(id));
    FetchSession session = new FetchSession(id, byTopicId, slots);
    byId.put(id, session);
    return session;
  }

  private void remove(int id) {
    FetchSession session = byId.remove(id);
    if (session != null) {
      session.drop();
    }
  }
}
