package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.Errors;

/**
 * ListGroups 0-5: the groups that this broker coordinates, by state (4 and later) and type (5).
 * While one of its coordinators loads, the list would lack groups: the client is told to ask again.
 * Stateless, shared.
 */
public final class ListGroupsApi implements ApiHandler {
  private final GroupAsks asks;

  public ListGroupsApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.LIST_GROUPS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ListGroupsRequestData data = request.decode(ListGroupsRequestData::new);
    GroupAsks.bound("states", data.statesFilter().size());
    GroupAsks.bound("types", data.typesFilter().size());
    Set<String> states = lower(data.statesFilter());
    Set<String> types = lower(data.typesFilter());
    return asks.<ListGroupsResponseData>askAll(GroupAsks.question(request, null, data))
        .map(answers -> ApiResponse.of(merge(answers, states, types)));
  }

  private static Set<String> lower(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  private static ListGroupsResponseData merge(
      List<ListGroupsResponseData> answers, Set<String> states, Set<String> types) {
    ListGroupsResponseData response = new ListGroupsResponseData();
    for (ListGroupsResponseData answer : answers) {
      if (answer.errorCode() == Errors.NOT_COORDINATOR.code()) {
        continue; // moved away a moment ago: its new broker lists it
      }
      if (answer.errorCode() != Errors.NONE.code()) {
        return new ListGroupsResponseData().setErrorCode(answer.errorCode());
      }
      for (ListedGroup group : answer.groups()) {
        if (wanted(group.groupState(), states) && wanted(group.groupType(), types)) {
          response.groups().add(group);
        }
      }
    }
    return response;
  }

  private static boolean wanted(String name, Set<String> names) {
    return names.isEmpty() || names.contains(name.toLowerCase(Locale.ROOT));
  }
}
