package io.milena.group.model.offsets;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Group;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupTable;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * OffsetDelete and DeleteGroups: tombstones on request. Both are serial by group, so no other step
 * of the group decides while tombstones are under way; commits, which never queue, come after them
 * in the log.
 */
final class OffsetRemoval {
  private static final String CONSUMER_PROTOCOL = "consumer";

  private final GroupTable groups;
  private final OffsetTable table;
  private final OffsetsInFlight inFlight;
  private final GroupOffsets.Counts counts;

  OffsetRemoval(
      GroupTable groups, OffsetTable table, OffsetsInFlight inFlight, GroupOffsets.Counts counts) {
    this.groups = groups;
    this.table = table;
    this.inFlight = inFlight;
    this.counts = counts;
  }

  // ---- offsets ------------------------------------------------------------------------------

  Decision deleteOffsets(GroupRequest request, Token token) {
    Group group = groups.find(request.groupId());
    Errors refusal = mayDeleteOffsets(group);
    if (refusal != Errors.NONE) {
      return Decision.answer(token, GroupRefusals.of(request, refusal));
    }
    OffsetDeleteResponseData response = new OffsetDeleteResponseData();
    List<CoordinatorRecord> records = new ArrayList<>();
    for (OffsetDeleteRequestTopic topic : ((OffsetDeleteRequestData) request.body()).topics()) {
      boolean subscribed = group.subscribes(topic.name());
      Errors error = subscribed ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE;
      OffsetDeleteResponseTopic answer = new OffsetDeleteResponseTopic().setName(topic.name());
      for (OffsetDeleteRequestPartition partition : topic.partitions()) {
        int index = partition.partitionIndex();
        answer
            .partitions()
            .add(
                new OffsetDeleteResponsePartition()
                    .setPartitionIndex(index)
                    .setErrorCode(error.code()));
        if (!subscribed && table.find(request.groupId(), topic.name(), index) != null) {
          records.add(OffsetRecords.tombstone(request.groupId(), topic.name(), index));
        }
      }
      response.topics().add(answer);
    }
    return records.isEmpty()
        ? Decision.answer(token, response)
        : Decision.append(records, new Answering(request, token, response, records.size()));
  }

  /** Members of other protocols say nothing of topics: only an empty group can be told apart. */
  private static Errors mayDeleteOffsets(Group group) {
    if (group == null) {
      return Errors.GROUP_ID_NOT_FOUND;
    }
    boolean unknowable =
        group.kind() == Group.Kind.CLASSIC && !group.protocolType().equals(CONSUMER_PROTOCOL);
    return unknowable && !group.isEmpty() ? Errors.NON_EMPTY_GROUP : Errors.NONE;
  }

  /** Tells when the tombstones are committed, or that they are not. */
  private final class Answering implements AfterAppend {
    private final GroupRequest request;
    private final Token token;
    private final ApiMessage answer;
    private final int offsets;
    private final OffsetsInFlight.Step step;

    Answering(GroupRequest request, Token token, ApiMessage answer, int offsets) {
      this.request = request;
      this.token = token;
      this.answer = answer;
      this.offsets = offsets;
      this.step = inFlight.begin(request, token);
    }

    @Override
    public Decision committed(long nowMs) {
      inFlight.end(step);
      counts.addDeleted(offsets);
      return Decision.answer(token, answer);
    }

    @Override
    public Decision failed(Errors error, long nowMs) {
      inFlight.end(step);
      return Decision.answer(token, GroupRefusals.of(request, error));
    }
  }

  // ---- groups -------------------------------------------------------------------------------

  Decision deleteGroup(GroupRequest request, Token token) {
    Errors refusal = mayDeleteGroup(request.groupId());
    if (refusal != Errors.NONE) {
      return Decision.answer(token, GroupRefusals.of(request, refusal));
    }
    return new GroupDeletion(request, token).next();
  }

  private Errors mayDeleteGroup(String groupId) {
    Group group = groups.find(groupId);
    if (group == null) {
      return Errors.GROUP_ID_NOT_FOUND;
    }
    Errors refusal = group.checkDelete();
    return refusal == Errors.NONE && inFlight.commits(groupId) ? Errors.NON_EMPTY_GROUP : refusal;
  }

  /**
   * Deletes a group slice by slice, so that one batch stays small whatever the group holds: offsets
   * first, the group itself with the last of them. A client that commits or joins meanwhile keeps
   * the group; what was deleted by then stays so.
   */
  private final class GroupDeletion implements AfterAppend {
    private final GroupRequest request;
    private final Token token;
    private final OffsetsInFlight.Step step;
    private int underWay;
    private boolean last;

    GroupDeletion(GroupRequest request, Token token) {
      this.request = request;
      this.token = token;
      this.step = inFlight.begin(request, token);
    }

    Decision next() {
      String groupId = request.groupId();
      TombstoneSlice slice = new TombstoneSlice(groupId);
      boolean all = slice.addAll(table.of(groupId), (topic, offset) -> true);
      underWay = slice.offsets();
      if (all) {
        slice.addGroup(groups.find(groupId));
        last = true;
      }
      return slice.records().isEmpty() ? ended(deleted()) : Decision.append(slice.records(), this);
    }

    @Override
    public Decision committed(long nowMs) {
      counts.addDeleted(underWay);
      if (last) {
        return ended(deleted());
      }
      Errors refusal = mayDeleteGroup(request.groupId());
      return refusal == Errors.NONE ? next() : ended(GroupRefusals.of(request, refusal));
    }

    @Override
    public Decision failed(Errors error, long nowMs) {
      return ended(GroupRefusals.of(request, error));
    }

    private Decision ended(ApiMessage answer) {
      inFlight.end(step);
      return Decision.now(List.of(new Answer(token, answer)), List.of());
    }

    private ApiMessage deleted() {
      DeleteGroupsResponseData response = new DeleteGroupsResponseData();
      response.results().add(new DeletableGroupResult().setGroupId(request.groupId()));
      return response;
    }
  }
}
