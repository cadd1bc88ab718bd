package io.milena.connection;

import io.milena.api.ApiDispatcher;
import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.milena.api.ApiVersionsApi;
import io.milena.api.ClientConnection;
import io.milena.api.FetchSessions;
import io.milena.api.StageOne;
import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters.Refusal;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.RequestHeader;
import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, whatever carries its frames. Requests are started in order, several are
 * in flight, answers leave in order. Owned by one event loop; every method is called there.
 *
 * <p>Always holds: no frame is taken unless {@link #ready()}; each request's buffer is released
 * once, and each answer's onDone runs once, also when the connection closes in between.
 */
public final class Connection implements ClientConnection {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final ApiResponse CLOSE = ApiResponse.close();
  private static final short VERSION_0 = 0;

  /**
   * What all connections of a listener share.
   *
   * @param refusals is told of those that are closed for what they did
   * @param maxInFlight requests of one connection under way
   * @param maxUnsentBytes of answers that the client has not taken; above, no request is started
   */
  public record Services(
      ApiDispatcher dispatcher,
      ConnectionMeters meters,
      Refusals refusals,
      Clock clock,
      int maxInFlight,
      int maxUnsentBytes) {}

  /**
   * Who is connected to what.
   *
   * @param number unique in this process
   */
  public record Ends(
      String listener, InetSocketAddress local, InetSocketAddress remote, long number) {}

  private final Ends ends;
  private final Services services;
  private final ContextInternal context;
  private final FetchSessions fetchSessions;
  private final StageOne stageOne = new StageOne();
  private final Outbound out;
  private final ResponseOrder order = new ResponseOrder();
  private ConnectionState state = ConnectionState.OPEN;
  private String softwareName;
  private String softwareVersion;

  /**
   * @param context of the owning event loop; answers that come elsewhere are brought there
   * @param fetchSessions of this connection alone
   */
  public Connection(
      Ends ends,
      Services services,
      ContextInternal context,
      FetchSessions fetchSessions,
      Outbound out) {
    this.ends = ends;
    this.services = services;
    this.context = context;
    this.fetchSessions = fetchSessions;
    this.out = out;
  }

  /** True when a further frame may be handed in. */
  public boolean ready() {
    return state == ConnectionState.OPEN
        && order.size() < services.maxInFlight()
        && out.unsentBytes() < services.maxUnsentBytes();
  }

  /** Requests whose answers have not left. */
  public int inFlight() {
    return order.size();
  }

  /**
   * Takes one frame without its length field and starts the request.
   *
   * @param frame owned by the connection from now on
   * @param nowNs monotonic time
   */
  public void frame(ByteBuf frame, long nowNs) {
    int frameBytes = frame.readableBytes();
    if (state != ConnectionState.OPEN) {
      drop(frame, frameBytes);
      return;
    }
    RequestHeader header;
    ByteBuffer bytes = frame.nioBuffer();
    try {
      header = RequestHeader.read(bytes);
    } catch (InvalidRequestException e) {
      drop(frame, frameBytes);
      refuse(Refusal.INVALID_REQUEST, e.getMessage());
      return;
    }
    if (!header.supported()) {
      refuseVersion(header, frame, frameBytes);
      return;
    }
    frame.skipBytes(bytes.position());
    start(header, frame, frameBytes, nowNs);
  }

  private void start(RequestHeader header, ByteBuf body, int frameBytes, long nowNs) {
    InFlight inFlight = inFlight(header, body, frameBytes, nowNs);
    order.started(inFlight);
    Future<ApiResponse> answer = services.dispatcher().dispatch(inFlight.request());
    if (answer.isComplete()) {
      inFlight.complete(answer.result(), answer.cause());
    } else {
      answer.onComplete(inFlight);
    }
  }

  private InFlight inFlight(RequestHeader header, ByteBuf body, int frameBytes, long nowNs) {
    ApiRequest request =
        new ApiRequest(
            this,
            header.apiKey(),
            header.apiVersion(),
            header.correlationId(),
            header.clientId(),
            body,
            nowNs);
    return new InFlight(this, header.api(), request, frameBytes, services.clock().monotonicNs());
  }

  /** ApiVersions is told which versions there are; everything else is a client gone astray. */
  private void refuseVersion(RequestHeader header, ByteBuf frame, int frameBytes) {
    if (header.apiKey() != SupportedApis.API_VERSIONS) {
      drop(frame, frameBytes);
      refuse(Refusal.UNSUPPORTED, notServed(header));
      return;
    }
    RequestHeader asVersion0 =
        new RequestHeader(
            header.apiKey(), VERSION_0, header.correlationId(), null, header.api(), true);
    InFlight inFlight = inFlight(asVersion0, frame, frameBytes, services.clock().monotonicNs());
    order.started(inFlight);
    inFlight.complete(ApiResponse.of(ApiVersionsApi.unsupportedVersion()), null);
  }

  private static String notServed(RequestHeader header) {
    SupportedApi api = header.api();
    if (api == null) {
      return "API key " + header.apiKey() + " is not served";
    }
    return String.format(
        "%s version %d is not served, %d to %d are: the client is too %s",
        api.name(),
        header.apiVersion(),
        api.minVersion(),
        api.maxVersion(),
        header.apiVersion() < api.minVersion() ? "old" : "new");
  }

  /** The future of a request completed, on whatever thread. */
  void settled(InFlight request, ApiResponse answer, Throwable failure) {
    if (context.inThread()) {
      settledHere(request, answer, failure);
    } else {
      context.runOnContext(hop -> settledHere(request, answer, failure));
    }
  }

  private void settledHere(InFlight request, ApiResponse answer, Throwable failure) {
    request.answered(failure == null ? answer : CLOSE, services.clock().monotonicNs());
    out.requestDone(request.frameBytes());
    if (request.isAbandoned()) {
      request.answer().onDone().run();
      return;
    }
    if (failure != null) {
      logFailure(request, failure);
    }
    request.makeReady();
    sendReady();
  }

  /** Sends every answer whose turn has come. */
  private void sendReady() {
    boolean sent = false;
    for (InFlight next = order.next(); next != null; next = order.next()) {
      sent |= send(next);
      if (state == ConnectionState.CLOSED) {
        return;
      }
      if (next.answer().closeConnection()) {
        closeAfterSending();
        return;
      }
    }
    if (sent) {
      out.flush();
    }
    if (state == ConnectionState.DRAINING && order.size() == 0) {
      closeAfterSending();
    } else if (ready()) {
      out.proceed();
    }
  }

  private boolean send(InFlight done) {
    ApiResponse answer = done.answer();
    int answerBytes = 0;
    if (answer.message() == null) {
      answer.onDone().run();
    } else {
      answerBytes = encode(done);
    }
    done.left(answerBytes, services.clock().monotonicNs());
    services.meters().requestDone(done);
    return answerBytes > 0;
  }

  private int encode(InFlight done) {
    try {
      return ResponseEncoder.send(out, done);
    } catch (RuntimeException | Error e) {
      // A handler set what this version cannot carry, or there is no memory for the answer. Part of
      // it may be queued already.
      logBug(done, e);
      done.answer().onDone().run();
      closed();
      out.closeNow();
      return 0;
    }
  }

  /** The transport sent some of what was waiting. */
  public void sentSome() {
    if (ready()) {
      out.proceed();
    }
  }

  /** Takes no further frames, ends long polls, closes when the answers in flight are sent. */
  public void drain() {
    if (state == ConnectionState.OPEN) {
      state = ConnectionState.DRAINING;
      fetchSessions.close();
      if (order.size() == 0) {
        closeAfterSending();
      }
    }
  }

  private void closeAfterSending() {
    state = ConnectionState.CLOSED;
    abandonAll();
    out.closeAfterSending();
  }

  /** The transport is gone; nothing more is sent. */
  public void closed() {
    state = ConnectionState.CLOSED;
    abandonAll();
  }

  private void abandonAll() {
    fetchSessions.close();
    for (InFlight left = order.abandon(); left != null; left = order.abandon()) {
      left.abandon();
    }
  }

  private void drop(ByteBuf frame, int frameBytes) {
    frame.release();
    out.requestDone(frameBytes);
  }

  private void refuse(Refusal why, String text) {
    services.refusals().refused(ends.listener(), why, () -> id() + ": " + text);
    closed();
    out.closeNow();
  }

  private void logFailure(InFlight request, Throwable failure) {
    boolean invalid = failure instanceof InvalidRequestException;
    Refusal why = invalid ? Refusal.INVALID_REQUEST : Refusal.FAILED_REQUEST;
    if (KafkaErrors.expected(failure)) {
      services
          .refusals()
          .refused(
              ends.listener(),
              why,
              () -> id() + ": " + described(request) + ": " + failure.getMessage());
    } else {
      services.meters().refused(ends.listener(), why);
      logBug(request, failure);
    }
  }

  private void logBug(InFlight request, Throwable failure) {
    LOG.error("Closing connection {}: {} failed", id(), described(request), failure);
  }

  private static String described(InFlight request) {
    ApiRequest asked = request.request();
    return String.format(
        "%s version %d (correlation %d, client %s)",
        request.api().name(), asked.apiVersion(), asked.correlationId(), asked.clientId());
  }

  @Override
  public String id() {
    return localHost()
        + ":"
        + localPort()
        + "-"
        + clientAddress().getHostAddress()
        + ":"
        + ends.remote().getPort()
        + "-"
        + ends.number();
  }

  @Override
  public String listener() {
    return ends.listener();
  }

  @Override
  public KafkaPrincipal principal() {
    return KafkaPrincipal.ANONYMOUS;
  }

  @Override
  public InetAddress clientAddress() {
    return ends.remote().getAddress();
  }

  @Override
  public String localHost() {
    return ends.local().getAddress().getHostAddress();
  }

  @Override
  public int localPort() {
    return ends.local().getPort();
  }

  @Override
  public FetchSessions fetchSessions() {
    return fetchSessions;
  }

  @Override
  public StageOne stageOne() {
    return stageOne;
  }

  @Override
  public void clientSoftware(String name, String version) {
    softwareName = name;
    softwareVersion = version;
  }

  /** What the client called itself, e.g. {@code apache-kafka-java 4.4.0}; null before it did. */
  public String clientSoftware() {
    return softwareName == null ? null : softwareName + " " + softwareVersion;
  }
}
