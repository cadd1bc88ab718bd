/**
 * Stories told with real processes: the fat jar, real clients, real ZooKeeper, kill -9.
 *
 * <p>{@link io.milena.process.MilenaProcess} starts a broker from the fat jar, {@link
 * io.milena.process.Peers} resolves other software by Maven into folders of its own, {@link
 * io.milena.process.ForkedJvm} runs a program from such a folder.
 */
package io.milena.process;
