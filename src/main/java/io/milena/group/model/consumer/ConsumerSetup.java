package io.milena.group.model.consumer;

import io.milena.group.model.GroupSettings;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the consumer groups of a partition are given.
 *
 * @param settings the broker's
 * @param image the newest cluster image; the same object as long as nothing changed
 * @param timing times of a group, by its id
 * @param newMemberId makes member ids for those who come without one (a random UUID, as Kafka)
 * @param quickHeartbeats whether members are asked to come sooner while the group is on its way to
 *     a new assignment ({@link io.milena.group.model.consumer.timing.HeartbeatPace})
 */
public record ConsumerSetup(
    GroupSettings settings,
    Supplier<ClusterImage> image,
    Function<String, GroupTiming> timing,
    Supplier<String> newMemberId,
    boolean quickHeartbeats) {}
