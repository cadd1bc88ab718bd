package io.milena.group.model.offsets;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.group.model.Group;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import io.milena.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;

/**
 * Takes away offsets that ran out ({@code offsets.retention.minutes}, KIP-211, KIP-496), offsets of
 * topics that are gone, and empty groups that keep no offsets.
 *
 * <p>When an offset runs out:
 *
 * <table>
 *   <caption>by group</caption>
 *   <tr><td>committed with an expiry time (old clients)</td><td>at that time</td></tr>
 *   <tr><td>classic, without protocol type (simple consumers)</td>
 *       <td>retention after its commit</td></tr>
 *   <tr><td>classic, empty</td><td>retention after the group became empty; after the commit where
 *       the log does not say when that was</td></tr>
 *   <tr><td>classic "consumer", stable, topic not subscribed</td>
 *       <td>retention after its commit</td></tr>
 *   <tr><td>classic, any other</td><td>never</td></tr>
 *   <tr><td>consumer (KIP-848), topic not subscribed</td><td>retention after its commit</td></tr>
 * </table>
 *
 * An expiry time counts only where the table lets offsets run out at all.
 *
 * <p>Work comes in slices: a sweep looks at {@value #LOOKED_AT} offsets a step and sets a timer for
 * each group in which something is to go; that timer is serial by group and takes away one batch a
 * step ({@link TombstoneSlice}). A group with commits under way is left for the next sweep.
 */
final class OffsetExpiry {
  /** How long a vanished topic may come back as it was. */
  static final long GONE_GRACE_MS = 10_000;

  static final int LOOKED_AT = 10_000;
  private static final int GROUPS_A_STEP = 20;
  private static final long STEP_PAUSE_MS = 20;
  private static final String CONSUMER_PROTOCOL = "consumer";
  private static final String STABLE = "Stable";

  /** Timers of this class. */
  sealed interface TimerKey permits Sweep, Remove {}

  /** Walks over all groups. */
  enum Sweep implements TimerKey {
    OF_ALL,
    OF_GONE_TOPICS
  }

  /** Takes away what is to go of one group. */
  record Remove(String groupId) implements TimerKey {}

  /** What the expiry works on; all of one machine. */
  record Parts(
      GroupTable groups,
      OffsetTable table,
      OffsetsInFlight inFlight,
      GoneTopics gone,
      GroupOffsets.Counts counts) {}

  private final Parts of;
  private final Supplier<ClusterImage> image;
  private final GroupSettings.Offsets settings;

  /** Groups that the sweep has not looked at yet; null between sweeps. */
  private Iterator<String> ahead;

  /** Topics whose old offsets the running sweep takes away. */
  private Set<String> ripe = Set.of();

  /** Those of them of which it found any. */
  private final Set<String> found = new HashSet<>();

  /** False when the running sweep could not see all offsets. */
  private boolean sawAll;

  /** A topic vanished: one more sweep. */
  private boolean again;

  OffsetExpiry(Parts of, Supplier<ClusterImage> image, GroupSettings.Offsets settings) {
    this.of = of;
    this.image = image;
    this.settings = settings;
  }

  Decision loaded(long nowMs) {
    return Decision.now(
        List.of(), List.of(new Timer(Sweep.OF_ALL, nowMs + settings.retentionCheckIntervalMs())));
  }

  Decision timer(TimerKey key, long lastOffset, long nowMs) {
    if (key instanceof Remove remove) {
      return remove(remove.groupId(), nowMs);
    }
    if (key == Sweep.OF_GONE_TOPICS) {
      // The one sweep does both; while it runs the next begins at once when it ends.
      again = true;
      return ahead == null ? sweep(lastOffset, nowMs) : Decision.NOTHING;
    }
    return sweep(lastOffset, nowMs);
  }

  // ---- sweep --------------------------------------------------------------------------------

  private Decision sweep(long lastOffset, long nowMs) {
    if (ahead == null) {
      begin(lastOffset, nowMs);
    }
    List<Timer> timers = new ArrayList<>();
    int looked = 0;
    while (ahead.hasNext() && looked < LOOKED_AT && timers.size() < GROUPS_A_STEP) {
      String groupId = ahead.next();
      looked++;
      for (PartitionOffsets offsets : of.table().of(groupId).values()) {
        looked += offsets.size();
      }
      if (slice(groupId, nowMs).records().size() > 0) {
        timers.add(new Timer(new Remove(groupId), nowMs));
      }
    }
    timers.add(new Timer(Sweep.OF_ALL, nowMs + pause()));
    return Decision.now(List.of(), timers);
  }

  private void begin(long lastOffset, long nowMs) {
    ClusterImage now = image.get();
    if (!again) {
      of.gone().confirm(of.table().topics(), now, lastOffset, nowMs - GONE_GRACE_MS);
    }
    again = false;
    ripe = of.gone().ripe(now, nowMs - GONE_GRACE_MS);
    found.clear();
    sawAll = true;
    Set<String> ids = new HashSet<>(of.table().groupIds());
    of.groups().all().forEach(group -> ids.add(group.groupId()));
    ahead = List.copyOf(ids).iterator();
  }

  private long pause() {
    if (ahead.hasNext()) {
      return STEP_PAUSE_MS;
    }
    end();
    return again ? STEP_PAUSE_MS : settings.retentionCheckIntervalMs();
  }

  /** A topic of which a whole sweep found no old offset is done with. */
  private void end() {
    ahead = null;
    if (sawAll) {
      Set<String> done = new HashSet<>(ripe);
      done.removeAll(found);
      of.gone().forget(done);
    }
  }

  // ---- one group ----------------------------------------------------------------------------

  private Decision remove(String groupId, long nowMs) {
    TombstoneSlice slice = slice(groupId, nowMs);
    if (slice.records().isEmpty()) {
      return Decision.NOTHING;
    }
    return Decision.append(
        slice.records(),
        new AfterAppend() {
          @Override
          public Decision committed(long thenMs) {
            of.counts().addExpired(slice.offsets());
            return slice.full()
                ? Decision.now(List.of(), List.of(new Timer(new Remove(groupId), thenMs)))
                : Decision.NOTHING;
          }

          @Override
          public Decision failed(Errors error, long thenMs) {
            return Decision.NOTHING; // the next sweep finds it again
          }
        });
  }

  /** What is to go of a group now. */
  private TombstoneSlice slice(String groupId, long nowMs) {
    TombstoneSlice slice = new TombstoneSlice(groupId);
    if (of.inFlight().commits(groupId)) {
      sawAll = false;
      return slice;
    }
    Group group = of.groups().find(groupId);
    Map<String, PartitionOffsets> offsets = of.table().of(groupId);
    boolean none =
        slice.addAll(
            offsets,
            (topic, offset) -> isOfGoneTopic(topic, offset) || ranOut(group, topic, offset, nowMs));
    sawAll &= !slice.full();
    if (none && group != null && group.isEmpty()) {
      slice.addGroup(group);
    }
    return slice;
  }

  private boolean isOfGoneTopic(String topic, CommittedOffset offset) {
    boolean covered = ripe.contains(topic) && of.gone().covers(topic, offset);
    if (covered) {
      found.add(topic);
    }
    return covered;
  }

  private boolean ranOut(Group group, String topic, CommittedOffset offset, long nowMs) {
    if (group == null) {
      return after(offset, offset.commitTimestampMs(), nowMs); // nobody's: as a simple consumer's
    }
    boolean stays =
        group.kind() == Group.Kind.CLASSIC ? staysInClassic(group, topic) : group.subscribes(topic);
    if (stays) {
      return false;
    }
    boolean emptied =
        group.kind() == Group.Kind.CLASSIC
            && group.isEmpty()
            && !group.protocolType().isEmpty()
            && group.emptySinceMs() >= 0;
    return after(offset, emptied ? group.emptySinceMs() : offset.commitTimestampMs(), nowMs);
  }

  private static boolean staysInClassic(Group group, String topic) {
    if (group.protocolType().isEmpty() || group.isEmpty()) {
      return false;
    }
    return !group.protocolType().equals(CONSUMER_PROTOCOL)
        || !group.stateName().equals(STABLE)
        || group.subscribes(topic);
  }

  private boolean after(CommittedOffset offset, long sinceMs, long nowMs) {
    return offset.expireTimestampMs() != CommittedOffset.NO_EXPIRY
        ? nowMs >= offset.expireTimestampMs()
        : nowMs - sinceMs >= settings.retentionMs();
  }
}
