/**
 * The times of consumer groups: those that were set ({@code GroupTiming}, in milliseconds), when a
 * member is asked to come again ({@code HeartbeatPace}), what the timers are for ({@code
 * GroupTimer}). Nothing here sets a timer: that is {@code consumer}'s {@code MemberTimers}.
 *
 * <p>Neighbours: {@code state} says whether a group is on its way; {@code app} finds the settings
 * of a single group.
 */
package io.milena.group.model.consumer.timing;
