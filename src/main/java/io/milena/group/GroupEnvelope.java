package io.milena.group;

import io.vertx.core.Promise;

/**
 * One request on its way to a group verticle, passed by reference, with the promise that the
 * verticle completes once. The promise belongs to the caller's context. One way with a promise, as
 * partitions are asked: no reply address and no timer per request; how long it may wait is decided
 * by the coordinator, which answers each of them, also when it stops.
 *
 * @param sentNs monotonic time
 */
record GroupEnvelope(GroupMessages.Request request, Promise<Object> answer, long sentNs) {}
