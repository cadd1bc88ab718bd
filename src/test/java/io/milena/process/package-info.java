/**
 * Stories told with real processes: the fat jar, real clients, real ZooKeeper, kill -9, SIGSTOP,
 * full disks.
 *
 * <p>{@link io.milena.process.MilenaProcess} starts a broker from the fat jar, {@link
 * io.milena.process.Peers} resolves other software by Maven into folders of its own, {@link
 * io.milena.process.ForkedJvm} runs a program from such a folder and {@link
 * io.milena.process.Program} any other program; {@link io.milena.process.KafkaTools} and {@link
 * io.milena.process.Kcat} are the two that carry text. {@link io.milena.process.NumberedLoad} sends
 * without an end and judges what a consumer finds afterwards; {@link io.milena.process.SmallDisk}
 * is a file system that can be filled and broken. {@link io.milena.process.GroupStation} and the
 * scripts beside the tests are members of groups, {@link io.milena.process.GroupLife} lets them
 * come and go and judges what they printed, {@link io.milena.process.GroupHistory} judges what
 * {@code __consumer_offsets} tells. {@link io.milena.process.Kafka44} is there to see whether a
 * client that misbehaves does so with Kafka too. What needs minutes is tagged {@code long} ({@code
 * -Plong}).
 */
package io.milena.process;
