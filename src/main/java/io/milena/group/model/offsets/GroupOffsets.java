package io.milena.group.model.offsets;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Bugs;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Group;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * The committed offsets of one partition of {@code __consumer_offsets} and all decisions about
 * them: OffsetCommit, OffsetFetch, OffsetDelete, DeleteGroups, expiry. A part of the group machine,
 * of its thread. {@code nowMs} is wall-clock time that never goes back, for it is written into
 * records and compared with theirs.
 *
 * <p>Serial keys: OffsetCommit and OffsetFetch have none (commits never queue, the last by log
 * offset wins); OffsetDelete and DeleteGroups have the group's; {@link #serialKeyOfTimer} tells
 * those of timers. What decides on offsets that a commit under way will replace waits for it or
 * leaves them alone ({@link OffsetsInFlight}).
 *
 * <p>Requests name topics; those that came with topic ids carry both. OffsetFetch comes in the form
 * of version 8 and later, one group in {@code groups}.
 */
public final class GroupOffsets {
  /** From here on a commit for an unknown group is told that it is unknown. */
  private static final short COMMIT_TELLS_UNKNOWN_GROUP = 9;

  /** {@code RetentionTimeMs} of who leaves it to the broker. */
  private static final long DEFAULT_RETENTION = -1;

  private final OffsetTable table = new OffsetTable();
  private final OffsetsInFlight inFlight = new OffsetsInFlight();
  private final GoneTopics gone = new GoneTopics();
  private final Counts counts = new Counts();
  private final GroupTable groups;
  private final Function<String, Group> newSimpleGroup;
  private final Supplier<ClusterImage> image;
  private final GroupSettings.Offsets settings;
  private final OffsetRemoval removal;
  private final OffsetExpiry expiry;
  private long lastOffset = -1;

  /** What was done since the start, for metrics. */
  public static final class Counts {
    private long committed;
    private long expired;
    private long deleted;

    /** Offsets that clients committed. */
    public long committed() {
      return committed;
    }

    /** Offsets that ran out or whose topic is gone. */
    public long expired() {
      return expired;
    }

    /** Offsets that OffsetDelete or DeleteGroups took away. */
    public long deleted() {
      return deleted;
    }

    void addExpired(int offsets) {
      expired += offsets;
    }

    void addDeleted(int offsets) {
      deleted += offsets;
    }
  }

  /**
   * @param groups of the same partition; a group that offsets are loaded or committed for is added
   * @param newSimpleGroup makes an empty classic group without a protocol type
   * @param image the newest cluster image
   */
  public GroupOffsets(
      GroupTable groups,
      Function<String, Group> newSimpleGroup,
      Supplier<ClusterImage> image,
      GroupSettings.Offsets settings) {
    this.groups = groups;
    this.newSimpleGroup = newSimpleGroup;
    this.image = image;
    this.settings = settings;
    this.removal = new OffsetRemoval(groups, table, inFlight, counts);
    this.expiry =
        new OffsetExpiry(
            new OffsetExpiry.Parts(groups, table, inFlight, gone, counts), image, settings);
  }

  /** Number of committed offsets. */
  public int size() {
    return table.size();
  }

  /** What was done since the start. */
  public Counts counts() {
    return counts;
  }

  // ---- commit -------------------------------------------------------------------------------

  /**
   * OffsetCommit. Answered when the records are committed; a partition whose metadata is too large
   * is refused alone.
   */
  public Decision commit(GroupRequest request, Token token, long nowMs) {
    OffsetCommitRequestData data = (OffsetCommitRequestData) request.body();
    Errors refusal = mayCommit(request, data);
    if (refusal != Errors.NONE) {
      return Decision.answer(token, GroupRefusals.of(request, refusal));
    }
    OffsetCommitResponseData response = new OffsetCommitResponseData();
    List<CoordinatorRecord> records = new ArrayList<>();
    for (OffsetCommitRequestTopic topic : data.topics()) {
      OffsetCommitResponseTopic answer =
          new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
      response.topics().add(answer);
      for (OffsetCommitRequestPartition partition : topic.partitions()) {
        Errors error =
            tooLarge(partition.committedMetadata())
                ? Errors.OFFSET_METADATA_TOO_LARGE
                : Errors.NONE;
        answer
            .partitions()
            .add(
                new OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setErrorCode(error.code()));
        if (error == Errors.NONE) {
          records.add(record(data, topic, partition, nowMs));
        }
      }
    }
    if (records.isEmpty()) {
      notMade(request.groupId());
      return Decision.answer(token, response);
    }
    return Decision.append(records, new Commit(request, token, response, records.size()));
  }

  private Errors mayCommit(GroupRequest request, OffsetCommitRequestData data) {
    Group group = groups.find(request.groupId());
    if (group != null) {
      Group.OffsetClient client =
          new Group.OffsetClient(
              data.memberId(),
              data.groupInstanceId(),
              data.generationIdOrMemberEpoch(),
              request.apiVersion());
      Errors refusal = group.checkOffsetCommit(client);
      boolean late = refusal == Errors.STALE_MEMBER_EPOCH || refusal == Errors.ILLEGAL_GENERATION;
      return late ? mayCommitEach(group, client, data) : refusal;
    }
    if (data.generationIdOrMemberEpoch() >= 0) {
      return request.apiVersion() >= COMMIT_TELLS_UNKNOWN_GROUP
          ? Errors.GROUP_ID_NOT_FOUND
          : Errors.ILLEGAL_GENERATION;
    }
    return groups.admit(request.groupId(), request.clientHost());
  }

  /** An epoch that is over will do when the member has had all these partitions since then. */
  private Errors mayCommitEach(
      Group group, Group.OffsetClient client, OffsetCommitRequestData data) {
    for (OffsetCommitRequestTopic topic : data.topics()) {
      Uuid topicId = topic.topicId();
      if (topicId.equals(Uuid.ZERO_UUID)) {
        TopicImage known = image.get().topic(topic.name());
        topicId = known == null ? Uuid.ZERO_UUID : known.id();
      }
      for (OffsetCommitRequestPartition partition : topic.partitions()) {
        Errors refusal = group.checkOffsetCommit(client, topicId, partition.partitionIndex());
        if (refusal != Errors.NONE) {
          return refusal;
        }
      }
    }
    return Errors.NONE;
  }

  /** A group that was admitted for a commit is not made by it after all. */
  private void notMade(String groupId) {
    if (!inFlight.commits(groupId)) {
      groups.dismiss(groupId);
    }
  }

  private boolean tooLarge(String metadata) {
    return metadata != null && metadata.length() > settings.metadataMaxBytes();
  }

  private static CoordinatorRecord record(
      OffsetCommitRequestData data,
      OffsetCommitRequestTopic topic,
      OffsetCommitRequestPartition partition,
      long nowMs) {
    long expireMs =
        data.retentionTimeMs() == DEFAULT_RETENTION
            ? CommittedOffset.NO_EXPIRY
            : expireMs(nowMs, data.retentionTimeMs());
    String metadata = partition.committedMetadata();
    return OffsetRecords.commit(
        data.groupId(),
        topic.name(),
        partition.partitionIndex(),
        new CommittedOffset(
            partition.committedOffset(),
            partition.committedLeaderEpoch(),
            metadata == null ? "" : metadata,
            nowMs,
            expireMs,
            topic.topicId(),
            -1));
  }

  /** A client may ask for longer than time lasts, or for less than nothing. */
  private static long expireMs(long nowMs, long retentionMs) {
    return retentionMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + Math.max(0, retentionMs);
  }

  /** How a commit goes on. */
  private final class Commit implements AfterAppend {
    private final OffsetsInFlight.Step step;
    private final GroupRequest request;
    private final Token token;
    private final OffsetCommitResponseData response;
    private final int offsets;

    Commit(GroupRequest request, Token token, OffsetCommitResponseData response, int offsets) {
      this.step = inFlight.beginCommit(request, token);
      this.request = request;
      this.token = token;
      this.response = response;
      this.offsets = offsets;
    }

    @Override
    public Decision committed(long nowMs) {
      counts.committed += offsets;
      return settled(response);
    }

    @Override
    public Decision failed(Errors error, long nowMs) {
      Errors told =
          error == Errors.MESSAGE_TOO_LARGE || error == Errors.RECORD_LIST_TOO_LARGE
              ? Errors.INVALID_COMMIT_OFFSET_SIZE
              : error;
      return settled(GroupRefusals.of(request, told));
    }

    private Decision settled(ApiMessage answer) {
      List<Answer> answers = new ArrayList<>();
      answers.add(new Answer(token, answer));
      Bugs bugs = new Bugs();
      answers.addAll(inFlight.endCommit(step, fetch -> read(fetch, bugs)));
      bugs.guard(() -> notMade(request.groupId()));
      return Decision.now(answers, List.of(), bugs);
    }
  }

  // ---- fetch --------------------------------------------------------------------------------

  /**
   * OffsetFetch of one group. One that requires stable offsets waits until the commits are settled
   * that were under way when it came, so that a member which took a partition over never starts
   * below what its predecessor committed. (Once there are transactions, offsets pending in one are
   * answered UNSTABLE_OFFSET_COMMIT here, R43.)
   */
  public Decision fetch(GroupRequest request, Token token) {
    OffsetFetchRequestData data = (OffsetFetchRequestData) request.body();
    if (data.requireStable() && inFlight.commits(request.groupId())) {
      inFlight.waitForCommits(request, token);
      return Decision.NOTHING;
    }
    return Decision.answer(token, read(request));
  }

  /** What a fetch is told that is one of several: a bug over it is its own. */
  private ApiMessage read(GroupRequest request, Bugs bugs) {
    ApiMessage[] told = new ApiMessage[1];
    return bugs.guard(() -> told[0] = read(request))
        ? told[0]
        : GroupRefusals.of(request, Errors.UNKNOWN_SERVER_ERROR);
  }

  private ApiMessage read(GroupRequest request) {
    Errors refusal = Errors.NONE;
    Group group = groups.find(request.groupId());
    OffsetReads.Source source = new OffsetReads.Source(table.of(request.groupId()), gone);
    if (group == null) {
      source = OffsetReads.Source.NOTHING;
    } else {
      OffsetFetchRequestData.OffsetFetchRequestGroup asked = OffsetReads.group(request);
      refusal =
          group.checkOffsetFetch(
              new Group.OffsetClient(
                  asked.memberId(), null, asked.memberEpoch(), request.apiVersion()));
    }
    if (refusal == Errors.GROUP_ID_NOT_FOUND) {
      source = OffsetReads.Source.NOTHING;
    } else if (refusal != Errors.NONE) {
      return GroupRefusals.of(request, refusal);
    }
    return OffsetReads.answer(request, source);
  }

  // ---- removal ------------------------------------------------------------------------------

  /** OffsetDelete. Serial by group. */
  public Decision delete(GroupRequest request, Token token) {
    return removal.deleteOffsets(request, token);
  }

  /** DeleteGroups of one group, with its offsets. Serial by group. */
  public Decision deleteGroup(GroupRequest request, Token token) {
    return removal.deleteGroup(request, token);
  }

  // ---- log, timers, end ---------------------------------------------------------------------

  /**
   * Takes over a record if it is one of offsets, else does nothing. A commit for a group that is
   * not there makes it: a simple group, which only keeps offsets.
   */
  public void apply(CoordinatorRecord record, long offset) {
    lastOffset = Math.max(lastOffset, offset);
    String groupId = table.apply(record, offset);
    if (groupId == null) {
      return;
    }
    if (groups.find(groupId) == null) {
      groups.put(newSimpleGroup.apply(groupId));
    }
  }

  /** Everything is loaded: starts the expiry of offsets. */
  public Decision loaded(long nowMs) {
    return expiry.loaded(nowMs);
  }

  /** The cluster image changed: offsets of topics that vanished are no longer told and go. */
  public Decision imageChanged(ClusterImage before, ClusterImage now, long nowMs) {
    if (!gone.imageChanged(table.topics(), before, now, lastOffset, nowMs)) {
      return Decision.NOTHING;
    }
    return Decision.now(
        List.of(),
        List.of(new Timer(OffsetExpiry.Sweep.OF_GONE_TOPICS, nowMs + OffsetExpiry.GONE_GRACE_MS)));
  }

  /** True for the keys of timers that come from here. */
  public boolean owns(Object timerKey) {
    return timerKey instanceof OffsetExpiry.TimerKey;
  }

  /** The group whose steps the timer waits for, or null. */
  public Object serialKeyOfTimer(Object timerKey) {
    return timerKey instanceof OffsetExpiry.Remove remove ? remove.groupId() : null;
  }

  /** One of our timers is due. */
  public Decision timer(Object timerKey, long nowMs) {
    return expiry.timer((OffsetExpiry.TimerKey) timerKey, lastOffset, nowMs);
  }

  /** The coordinator goes: whoever still waits for offsets is answered. */
  public List<Answer> unload(Errors error) {
    return inFlight.unload(error);
  }
}
