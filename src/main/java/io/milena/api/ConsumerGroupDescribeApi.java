package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.Errors;

/**
 * ConsumerGroupDescribe 0-1: groups of the consumer protocol with members, epochs and assignments
 * (KIP-848). Stateless, shared.
 */
public final class ConsumerGroupDescribeApi implements ApiHandler {
  private final GroupAsks asks;
  private final boolean enabled;

  /**
   * @param enabled whether {@code group.coordinator.rebalance.protocols} names "consumer"
   */
  public ConsumerGroupDescribeApi(GroupClient groups, boolean enabled) {
    this.asks = new GroupAsks(groups);
    this.enabled = enabled;
  }

  @Override
  public short apiKey() {
    return SupportedApis.CONSUMER_GROUP_DESCRIBE;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ConsumerGroupDescribeRequestData data = request.decode(ConsumerGroupDescribeRequestData::new);
    GroupAsks.bound("groups", data.groupIds().size());
    List<Future<ConsumerGroupDescribeResponseData>> answers =
        new ArrayList<>(data.groupIds().size());
    for (String groupId : data.groupIds()) {
      answers.add(describe(request, groupId));
    }
    boolean operations = data.includeAuthorizedOperations();
    return Future.all(answers)
        .map(
            all -> {
              ConsumerGroupDescribeResponseData response = new ConsumerGroupDescribeResponseData();
              for (ConsumerGroupDescribeResponseData answer :
                  all.<ConsumerGroupDescribeResponseData>list()) {
                response.groups().add(finish(answer.groups().get(0), operations));
              }
              return ApiResponse.of(response);
            });
  }

  private Future<ConsumerGroupDescribeResponseData> describe(ApiRequest request, String groupId) {
    if (!enabled) {
      return refused(groupId, Errors.UNSUPPORTED_VERSION);
    }
    return groupId.isEmpty()
        ? refused(groupId, Errors.INVALID_GROUP_ID)
        : asks.ask(
            GroupAsks.question(
                request,
                groupId,
                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(groupId))));
  }

  private static Future<ConsumerGroupDescribeResponseData> refused(String groupId, Errors error) {
    return Future.succeededFuture(
        new ConsumerGroupDescribeResponseData()
            .setGroups(
                List.of(
                    new DescribedGroup()
                        .setGroupId(groupId)
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()))));
  }

  private static DescribedGroup finish(DescribedGroup group, boolean operations) {
    return operations && group.errorCode() == Errors.NONE.code()
        ? group.setAuthorizedOperations(AllowedOperations.ALL_ON_GROUP)
        : group;
  }
}
