/**
 * The program: {@link io.milena.app.Main}, how it logs by default, and the warm-up that the build
 * runs.
 *
 * <p>The parts below: {@code cli} is the commands, {@code start} among them; {@code assembly} is
 * the broker put together; {@code meters} is what Prometheus sees of its parts. Neighbours:
 * everything below. Rules: nothing depends on this package; the parts look down only, in that
 * order.
 */
package io.milena.app;
