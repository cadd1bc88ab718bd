package io.milena.partition;

import io.milena.partition.PartitionMessages.Request;
import io.vertx.core.Promise;

/**
 * One request on its way to a shard, passed by reference over the local event bus, together with
 * the promise that the shard completes. The promise belongs to the caller's context, so that the
 * answer arrives there: with one event loop between them it costs no hop, else one.
 *
 * <p>One way with a promise instead of the bus's own request and reply: no reply address, no reply
 * handler and no timer per request (spikes.md §4). There is no bus timeout to outlive a request's
 * own deadline; the shard answers each envelope exactly once, also when it stops.
 *
 * @param request what is asked
 * @param answer completed once by the shard
 * @param sentNs monotonic time when it was sent
 */
record Envelope(Request request, Promise<Object> answer, long sentNs) {}
