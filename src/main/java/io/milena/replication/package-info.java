/**
 * What a replica decides: how far records are committed, who may be answered and when, as pure code
 * that a simulator can drive.
 *
 * <p>Neighbours: {@code metadata} and {@code base} below; {@code partition} owns one {@link
 * io.milena.replication.LeaderReplica} per partition it leads, and the tables of those who wait.
 * Rule: methods take an event, change own fields and say what became of it; they never wait, write
 * or send. Laws: replication-rules R13, R16 to R24.
 */
package io.milena.replication;
