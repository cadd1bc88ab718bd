package io.milena.network;

import io.vertx.core.VerticleBase;

/** One of the network loops. */
public final class TcpServerVerticle extends VerticleBase {}
