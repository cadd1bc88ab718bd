/**
 * The program: {@link io.milena.app.Main}, its commands and the assembly of verticles in start
 * order.
 *
 * <p>Neighbours: everything below. Rule: nothing depends on this package.
 */
package io.milena.app;
