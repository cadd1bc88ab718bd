package io.milena.connection;

import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.milena.protocol.SupportedApi;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Completable;

/**
 * One request from its dispatch until its answer leaves. Owned by its connection's event loop; its
 * future may tell it from elsewhere, then it hops.
 */
final class InFlight implements Completable<ApiResponse>, FinishedRequest {
  private final Connection connection;
  private final SupportedApi api;
  private final ApiRequest request;
  private final int frameBytes;
  private final long startedNs;
  private ApiResponse answer;
  private long answeredNs;
  private long leftNs;
  private int responseBytes;
  private boolean ready;
  private boolean abandoned;

  InFlight(
      Connection connection, SupportedApi api, ApiRequest request, int frameBytes, long startedNs) {
    this.connection = connection;
    this.api = api;
    this.request = request;
    this.frameBytes = frameBytes;
    this.startedNs = startedNs;
  }

  @Override
  public void complete(ApiResponse result, Throwable failure) {
    connection.settled(this, result, failure);
  }

  /** Takes the answer; the request's bytes are given back. */
  void answered(ApiResponse given, long nowNs) {
    answer = given;
    answeredNs = nowNs;
    ByteBuf body = request.body();
    body.release();
  }

  void makeReady() {
    ready = true;
  }

  boolean isReady() {
    return ready;
  }

  /** The connection closed before the answer left. */
  void abandon() {
    abandoned = true;
    if (answer != null) {
      answer.onDone().run();
    }
  }

  boolean isAbandoned() {
    return abandoned;
  }

  ApiResponse answer() {
    return answer;
  }

  SupportedApi api() {
    return api;
  }

  ApiRequest request() {
    return request;
  }

  int frameBytes() {
    return frameBytes;
  }

  /** The answer was handed to the socket. */
  void left(int bytes, long nowNs) {
    responseBytes = bytes;
    leftNs = nowNs;
  }

  @Override
  public short apiKey() {
    return request.apiKey();
  }

  @Override
  public short apiVersion() {
    return request.apiVersion();
  }

  @Override
  public long receivedNs() {
    return request.receivedNs();
  }

  @Override
  public long startedNs() {
    return startedNs;
  }

  @Override
  public long answeredNs() {
    return answeredNs;
  }

  @Override
  public long leftNs() {
    return leftNs;
  }

  @Override
  public long waitedNs() {
    return answer.waitedNs();
  }

  @Override
  public int requestBytes() {
    return frameBytes;
  }

  @Override
  public int responseBytes() {
    return responseBytes;
  }
}
