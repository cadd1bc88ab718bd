/**
 * What the broker says over HTTP: {@code /health}, {@code /ready} and {@code /metrics}.
 *
 * <p>Neighbours: {@code metrics} below; {@code app} deploys {@link io.milena.web.WebServerVerticle}
 * when {@code listeners} names one called HTTP. Rule: nothing here changes the broker.
 */
package io.milena.web;
