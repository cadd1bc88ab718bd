/**
 * What a request to a consumer group must be like ({@code HeartbeatCheck}), and how it is told that
 * it is not ({@code Refused}, which every part of {@code consumer} throws and its door turns into
 * an answer). Stateless.
 *
 * <p>Neighbours: {@code state} says which epoch a member has; {@code consumer} above asks before it
 * decides.
 */
package io.milena.group.model.consumer.check;
