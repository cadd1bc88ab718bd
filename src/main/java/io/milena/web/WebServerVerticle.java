package io.milena.web;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener named HTTP. {@code /health} answers 200 as soon as the process serves; {@code
 * /ready} 200 when Kafka clients are served, else 503; {@code /metrics} is Prometheus' text format.
 * Owned by one event loop; metrics are written on a worker of its own.
 */
public final class WebServerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(WebServerVerticle.class);
  private static final int IDLE_TIMEOUT_S = 60;
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int SERVER_ERROR = 500;
  private static final int UNAVAILABLE = 503;

  /**
   * @param host to bind; empty for all addresses
   * @param port 0 for a free one
   */
  public record Options(String host, int port) {}

  /**
   * What it tells.
   *
   * @param ready true while Kafka clients are served
   * @param metrics Prometheus' text; called on a worker
   */
  public record Sources(BooleanSupplier ready, Supplier<String> metrics) {}

  private final Options options;
  private final Sources sources;
  private HttpServer server;
  private WorkerExecutor worker;

  public WebServerVerticle(Options options, Sources sources) {
    this.options = options;
    this.sources = sources;
  }

  @Override
  public Future<?> start() {
    worker = vertx.createSharedWorkerExecutor("milena-metrics", 1, 1, TimeUnit.MINUTES);
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.host().isEmpty() ? "0.0.0.0" : options.host())
            .setPort(options.port())
            .setIdleTimeout(IDLE_TIMEOUT_S);
    server = vertx.createHttpServer(http).requestHandler(this::serve);
    return server.listen().recover(e -> Future.failedFuture(cannotListen(e)));
  }

  private IOException cannotListen(Throwable failure) {
    String why =
        failure instanceof BindException
            ? "the address is not ours or the port is in use (" + failure.getMessage() + ")"
            : failure.getMessage();
    return new IOException(
        "cannot listen on HTTP://" + options.host() + ":" + options.port() + ": " + why, failure);
  }

  @Override
  public Future<?> stop() {
    return server.close().eventually(() -> worker.close());
  }

  /** The bound port; known once the verticle is deployed. */
  public int port() {
    return server.actualPort();
  }

  private void serve(HttpServerRequest request) {
    if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
      request.response().putHeader("Allow", "GET, HEAD");
      answer(request, METHOD_NOT_ALLOWED, "text/plain", "Only GET and HEAD are served.\n");
      return;
    }
    switch (request.path()) {
      case "/health" -> answer(request, OK, "text/plain", "alive\n");
      case "/ready" -> {
        boolean ready = sources.ready().getAsBoolean();
        answer(request, ready ? OK : UNAVAILABLE, "text/plain", ready ? "ready\n" : "not ready\n");
      }
      case "/metrics" -> metrics(request);
      default ->
          answer(request, NOT_FOUND, "text/plain", "Here are /health, /ready and /metrics.\n");
    }
  }

  private void metrics(HttpServerRequest request) {
    worker
        .executeBlocking(() -> sources.metrics().get())
        .onSuccess(text -> answer(request, OK, "text/plain; version=0.0.4; charset=utf-8", text))
        .onFailure(
            e -> {
              LOG.error("Cannot write the metrics", e);
              answer(request, SERVER_ERROR, "text/plain", "The metrics cannot be written.\n");
            });
  }

  private static void answer(HttpServerRequest request, int status, String type, String body) {
    if (request.response().closed()) {
      return;
    }
    request.response().setStatusCode(status).putHeader("Content-Type", type);
    if (request.method() == HttpMethod.HEAD) {
      request.response().end();
    } else {
      request.response().end(body);
    }
  }
}
