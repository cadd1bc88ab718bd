/**
 * The classic protocol as a pure machine: members join, their leader assigns, the coordinator
 * counts generations and keeps what the leader decided. {@code ClassicGroups} is the door.
 *
 * <p>The way of a request: {@code ClassicGroups} (which group, may it be) → {@code ClassicJoin},
 * {@code ClassicSync} or {@code ClassicLeave} → {@code ClassicRebalance} (generations and their
 * deadlines) → a {@code ClassicStep} with records of {@code ClassicRecords} → committed → answers
 * of {@code ClassicAnswers} and timers.
 *
 * <p>What is on record of a group is changed by committed records alone; who waits, joins and is
 * awaited is volatile and may change in a handler. Neighbours: {@code group.model} has the table of
 * groups and the limits that members count in, and turns groups into those of {@code consumer} by
 * way of the door. Rules: R45 and R46.
 */
package io.milena.group.model.classic;
