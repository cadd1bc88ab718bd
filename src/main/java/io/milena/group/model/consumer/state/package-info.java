/**
 * One group of the consumer protocol as its records say (KIP-848): members, epochs, what each
 * member is to have and has, resolved expressions. Changed by committed records alone ({@code
 * GroupLog}); decisions look at it and write records ({@code GroupRecords}). Two are made here,
 * from the group alone: what each member is to have next ({@code TargetComputer}), and its next
 * step there ({@code Reconciler}).
 *
 * <p>Three epochs: the <em>group epoch</em> rises with each change that makes a new assignment due;
 * the <em>target epoch</em> is the group epoch for which the assignor was last asked; the
 * <em>member epoch</em> is the target epoch that a member has reached. None of them ever falls.
 *
 * <p>Neighbours: {@code consumer} above decides; {@code assignor} is asked for targets.
 */
package io.milena.group.model.consumer.state;
