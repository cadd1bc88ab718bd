package io.milena.network;

import io.milena.api.ApiDispatcher;
import io.milena.api.ApiHandler;
import io.milena.api.FetchSessionSlots;
import io.milena.api.FetchSessions;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.network.TcpServerOptions.Listener;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A TCP listener on a free port with scripted APIs behind it. */
final class TestListener implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final CountingMeters meters = new CountingMeters();
  final TcpServerClient client;

  TestListener(TcpServerOptions options, ApiHandler... apis) throws Exception {
    this(options, true, apis);
  }

  TestListener(TcpServerOptions options, boolean open, ApiHandler... apis) throws Exception {
    TcpServices services =
        new TcpServices(
            new ApiDispatcher(List.of(apis)),
            loop -> {
              FetchSessionSlots slots = new FetchSessionSlots(100);
              return () -> new FetchSessions(slots, RandomSource.system());
            },
            meters,
            Clock.system());
    client = await(TcpServerClient.bind(vertx, options, services));
    if (open) {
      await(client.open());
    }
  }

  /** Kafka's defaults on a free port of the loopback. */
  static TcpServerOptions options() {
    return TcpServerOptions.defaults(List.of(new Listener("PLAINTEXT", "127.0.0.1", 0)));
  }

  int port() {
    return client.ports().get("PLAINTEXT");
  }

  RawClient connect() throws Exception {
    return new RawClient(port());
  }

  static <T> T await(io.vertx.core.Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    await(vertx.close());
  }
}
