/**
 * The TCP listeners: N verticles that share the listening ports, cut frames from Netty's reads, and
 * write answers with file regions from the page cache.
 *
 * <p>Neighbours: {@code connection} below has everything that is not TCP's alone; {@code app}
 * deploys {@link io.milena.network.TcpServerVerticle} through {@link
 * io.milena.network.TcpServerClient}. Rule: a connection never leaves the event loop that accepted
 * it, and nothing is allocated for a frame before its length was checked and its bytes charged to
 * the loop's memory budget.
 */
package io.milena.network;
