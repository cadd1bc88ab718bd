package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.protocol.Errors;

/** DeleteGroups 0-3: empty groups go, with their offsets (KIP-229). Stateless, shared. */
public final class DeleteGroupsApi implements ApiHandler {
  private final GroupAsks asks;

  public DeleteGroupsApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.DELETE_GROUPS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DeleteGroupsRequestData data = request.decode(DeleteGroupsRequestData::new);
    GroupAsks.bound("groups", data.groupsNames().size());
    List<GroupRequest> questions =
        data.groupsNames().stream()
            .distinct()
            .map(
                id ->
                    GroupAsks.question(
                        request, id, new DeleteGroupsRequestData().setGroupsNames(List.of(id))))
            .toList();
    return asks.<DeleteGroupsResponseData>askEach(questions)
        .map(
            answers -> {
              DeleteGroupsResponseData response = new DeleteGroupsResponseData();
              for (DeleteGroupsResponseData answer : answers) {
                response.results().add(finish(answer.results().iterator().next()));
              }
              return ApiResponse.of(response);
            });
  }

  /** A copy, for an element belongs to one collection; with words where there are none. */
  private static DeletableGroupResult finish(DeletableGroupResult result) {
    DeletableGroupResult copy = result.duplicate();
    return copy.errorCode() != Errors.NONE.code() && copy.errorMessage() == null
        ? copy.setErrorMessage(Errors.forCode(copy.errorCode()).message())
        : copy;
  }
}
