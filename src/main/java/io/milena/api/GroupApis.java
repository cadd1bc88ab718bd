package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.metadata.ClusterImage;
import java.util.List;
import java.util.function.Supplier;

/** The APIs that need group coordinators, made together. */
public final class GroupApis {
  private GroupApis() {}

  /**
   * One handler for each.
   *
   * @param image the newest cluster image
   * @param consumerProtocol whether {@code group.coordinator.rebalance.protocols} names "consumer"
   */
  public static List<ApiHandler> all(
      Supplier<ClusterImage> image,
      GroupClient groups,
      AdvertisedEndpoint endpoints,
      boolean consumerProtocol) {
    return List.of(
        new FindCoordinatorApi(image, groups, endpoints),
        new JoinGroupApi(groups),
        new SyncGroupApi(groups),
        new HeartbeatApi(groups),
        new LeaveGroupApi(groups),
        new OffsetCommitApi(image, groups),
        new OffsetFetchApi(image, groups),
        new OffsetDeleteApi(image, groups),
        new ListGroupsApi(groups),
        new DescribeGroupsApi(groups),
        new DeleteGroupsApi(groups),
        new ConsumerGroupHeartbeatApi(groups, consumerProtocol),
        new ConsumerGroupDescribeApi(groups, consumerProtocol));
  }
}
