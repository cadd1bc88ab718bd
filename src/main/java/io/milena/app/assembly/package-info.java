/**
 * The broker put together: {@link io.milena.app.assembly.Assembly} makes the parts out of the
 * settings, starts them in order and stops them in the reverse one.
 *
 * <p>Each other class here is one concern of it: the options of every part ({@code BrokerOptions}),
 * the list of APIs ({@code ApiList}), node and controller ({@code Cluster}), coordinators ({@code
 * Groups}), the look for folders of no topic ({@code StrayFolders}), waiting with deadlines ({@code
 * Waiting}). Neighbours: all verticles, {@code api}, the listeners and {@code meters} below; {@code
 * app.cli} and {@code app} above. Rules: only the main thread and the shutdown hook wait here, with
 * deadlines; a wait in vain ends the start with a {@link io.milena.app.assembly.StartFailure} of
 * one sentence.
 */
package io.milena.app.assembly;
