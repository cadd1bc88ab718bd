package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.Errors;

/** DescribeGroups 0-6: classic groups with their members. Stateless, shared. */
public final class DescribeGroupsApi implements ApiHandler {
  private static final short FIRST_WITH_MESSAGE = 6;

  private final GroupAsks asks;

  public DescribeGroupsApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_GROUPS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeGroupsRequestData data = request.decode(DescribeGroupsRequestData::new);
    GroupAsks.bound("groups", data.groups().size());
    List<GroupRequest> questions =
        data.groups().stream()
            .map(
                id ->
                    GroupAsks.question(
                        request, id, new DescribeGroupsRequestData().setGroups(List.of(id))))
            .toList();
    boolean operations = data.includeAuthorizedOperations();
    return asks.<DescribeGroupsResponseData>askEach(questions)
        .map(
            answers -> {
              DescribeGroupsResponseData response = new DescribeGroupsResponseData();
              for (DescribeGroupsResponseData answer : answers) {
                response
                    .groups()
                    .add(finish(answer.groups().get(0), operations, request.apiVersion()));
              }
              return ApiResponse.of(response);
            });
  }

  private static DescribedGroup finish(DescribedGroup group, boolean operations, short version) {
    if (operations && group.errorCode() == Errors.NONE.code()) {
      group.setAuthorizedOperations(AllowedOperations.ALL_ON_GROUP);
    }
    return version < FIRST_WITH_MESSAGE ? group.setErrorMessage(null) : group;
  }
}
