package io.milena.network;

import io.milena.api.FetchSessions;
import io.milena.connection.Connection;
import io.milena.connection.ConnectionCounts;
import io.milena.connection.ConnectionMeters.Refusal;
import io.milena.connection.Refusals;
import io.milena.network.TcpServerOptions.Listener;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * One of the N network loops. All instances listen on the same ports, Vert.x spreads the sockets;
 * each owns its connections and its share of the request memory.
 *
 * <p>Connections are accepted from the start, and read from {@link TcpServerClient#OPEN} on. Heard
 * on the local address {@code network.<instance>}.
 */
public final class TcpServerVerticle extends VerticleBase {
  private static final String ANY_ADDRESS = "0.0.0.0";
  private static final String VERTX_HANDLER = "handler";
  private static final String OUR_HANDLER = "frames";

  /** What all instances share; thread-safe parts only. */
  record Shared(
      TcpServerOptions options,
      TcpServices services,
      ConnectionCounts counts,
      AtomicLong connectionNumbers) {}

  private final Shared shared;
  private final int instance;
  private final List<NetServer> servers = new ArrayList<>();
  private Connection.Services connectionServices;
  private Supplier<FetchSessions> fetchSessions;
  private Refusals refusals;
  private NetworkLoop loop;
  private MessageConsumer<String> orders;
  private boolean draining;

  TcpServerVerticle(Shared shared, int instance) {
    this.shared = shared;
    this.instance = instance;
  }

  @Override
  public Future<?> start() {
    TcpServerOptions options = shared.options();
    TcpServices services = shared.services();
    refusals = new Refusals(services.meters(), services.clock());
    connectionServices =
        new Connection.Services(
            services.dispatcher(),
            services.meters(),
            refusals,
            services.clock(),
            options.maxInFlight(),
            options.maxUnsentBytes());
    fetchSessions = services.fetchSessionsOfLoop().apply(instance);
    loop =
        new NetworkLoop(options, services, refusals, ((ContextInternal) context).nettyEventLoop());
    orders = vertx.eventBus().localConsumer(TcpServerClient.address(instance));
    orders.handler(order -> order.reply(obey(order.body())));
    vertx.setPeriodic(loop.tickMs(), tick -> loop.tick());
    Future<Void> bound = Future.succeededFuture();
    for (int i = 0; i < options.listeners().size(); i++) {
      int index = i;
      bound = bound.compose(before -> listen(options.listeners().get(index), index));
    }
    return bound;
  }

  private JsonObject obey(String order) {
    if (TcpServerClient.OPEN.equals(order)) {
      loop.open();
    }
    JsonObject ports = new JsonObject();
    for (int i = 0; i < servers.size(); i++) {
      ports.put(shared.options().listeners().get(i).name(), servers.get(i).actualPort());
    }
    return ports;
  }

  private Future<Void> listen(Listener listener, int index) {
    TcpServerOptions options = shared.options();
    boolean anyAddress = listener.host() == null || listener.host().isEmpty();
    NetServerOptions net =
        new NetServerOptions()
            .setHost(anyAddress ? ANY_ADDRESS : listener.host())
            // A negative port is a free one that all instances share.
            .setPort(listener.port() == 0 ? -1 - index : listener.port())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setAcceptBacklog(options.acceptBacklog());
    if (options.sendBufferBytes() > 0) {
      net.setSendBufferSize(options.sendBufferBytes());
    }
    if (options.receiveBufferBytes() > 0) {
      net.setReceiveBufferSize(options.receiveBufferBytes());
    }
    NetServer server = vertx.createNetServer(net);
    server.connectHandler(socket -> accept(listener.name(), socket));
    servers.add(server);
    return server
        .listen()
        .<Void>mapEmpty()
        .recover(failure -> Future.failedFuture(cannotListen(listener, failure)));
  }

  private static IOException cannotListen(Listener listener, Throwable failure) {
    String why = failure.getMessage();
    if (failure instanceof BindException) {
      why = "the address is not ours or the port is in use (" + failure.getMessage() + ")";
    } else if (failure instanceof UnresolvedAddressException) {
      why = "the host name cannot be resolved";
    }
    String host = listener.host() == null ? "" : listener.host();
    return new IOException(
        "Cannot listen on " + listener.name() + "://" + host + ":" + listener.port() + ": " + why,
        failure);
  }

  private void accept(String listener, NetSocket socket) {
    NetSocketInternal internal = (NetSocketInternal) socket;
    var channel = internal.channelHandlerContext().channel();
    if (!(channel.remoteAddress() instanceof InetSocketAddress remote)
        || !(channel.localAddress() instanceof InetSocketAddress local)
        || draining) {
      channel.close();
      return;
    }
    Refusal refusal = shared.counts().open(remote.getAddress());
    if (refusal != null) {
      refusals.refused(listener, refusal, () -> "from " + remote + ": " + refusal.text());
      channel.close();
      return;
    }
    Connection.Ends ends =
        new Connection.Ends(listener, local, remote, shared.connectionNumbers().getAndIncrement());
    ContextInternal ours = (ContextInternal) context;
    TcpConnection tcp = new TcpConnection(loop, ours, ends.number());
    Connection connection =
        new Connection(ends, connectionServices, ours, fetchSessions.get(), tcp);
    tcp.connection(connection);
    socket.closeHandler(closed -> ended(ends));
    channel.pipeline().addBefore(VERTX_HANDLER, OUR_HANDLER, tcp);
    loop.opened(tcp);
    shared.services().meters().opened(listener);
    tcp.pump();
  }

  private void ended(Connection.Ends ends) {
    shared.counts().close(ends.remote().getAddress());
    shared.services().meters().closed(ends.listener());
  }

  @Override
  public Future<?> stop() {
    draining = true;
    Promise<Void> drained = Promise.promise();
    long timer = vertx.setTimer(shared.options().drainMs(), late -> drained.tryComplete());
    loop.drain(drained::tryComplete);
    return drained
        .future()
        .eventually(
            () -> {
              vertx.cancelTimer(timer);
              return Future.join(servers.stream().map(NetServer::close).toList());
            })
        .compose(done -> orders.unregister());
  }
}
