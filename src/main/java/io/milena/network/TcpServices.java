package io.milena.network;

import io.milena.api.ApiDispatcher;
import io.milena.api.FetchSessions;
import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters;
import io.milena.storage.ReadAhead;
import java.util.function.Supplier;

/**
 * Whom the TCP listeners work with.
 *
 * @param dispatcher serves the requests
 * @param fetchSessions makes the fetch sessions of a new connection
 * @param readAhead touches cold ranges before an event loop sends them
 * @param meters hears what happened
 * @param clock gives the deadlines
 */
public record TcpServices(
    ApiDispatcher dispatcher,
    Supplier<FetchSessions> fetchSessions,
    ReadAhead readAhead,
    ConnectionMeters meters,
    Clock clock) {}
