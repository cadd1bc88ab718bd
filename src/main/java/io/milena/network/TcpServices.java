package io.milena.network;

import io.milena.api.ApiDispatcher;
import io.milena.api.FetchSessions;
import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Whom the TCP listeners work with.
 *
 * @param dispatcher serves the requests
 * @param fetchSessionsOfLoop called once for each loop, by its number; what it returns makes the
 *     sessions of each new connection of that loop
 * @param meters hears what happened
 * @param clock gives the deadlines
 */
public record TcpServices(
    ApiDispatcher dispatcher,
    IntFunction<Supplier<FetchSessions>> fetchSessionsOfLoop,
    ConnectionMeters meters,
    Clock clock) {}
