package io.milena.api;

import io.milena.base.Clock;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.TopicMeters;
import io.milena.partition.PartitionClient;
import io.milena.protocol.SupportedApis;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Fetch 4-18: sessions (KIP-227), long polling, topic ids from 13 on, zero-copy records. Stateless,
 * shared by all connections; the state of a request is its {@link FetchJob}, that of a session
 * belongs to the connection.
 */
public final class FetchApi implements ApiHandler {
  static final short FIRST_WITH_TOPIC_IDS = 13;

  /**
   * @param fetchMaxBytes {@code fetch.max.bytes}: limit for a whole answer whatever the client says
   * @param maxWaitMs longest poll; a client that asks for more is answered earlier
   */
  public record Options(int fetchMaxBytes, int maxWaitMs) {}

  /** What the jobs work with. */
  record Tools(
      PartitionClient partitions,
      TopicConfigView configs,
      CpuWork cpu,
      Clock clock,
      TopicMeters meters,
      Options options) {}

  private final Supplier<ClusterImage> images;
  private final Tools tools;

  /**
   * @param images the newest cluster image
   * @param partitions the partition verticles
   * @param configs settings by topic, for old clients and zstd
   * @param cpu where batches are looked at for old clients
   */
  public FetchApi(
      Supplier<ClusterImage> images,
      PartitionClient partitions,
      TopicConfigView configs,
      CpuWork cpu,
      Clock clock,
      TopicMeters meters,
      Options options) {
    this.images = images;
    this.tools = new Tools(partitions, configs, cpu, clock, meters, options);
  }

  @Override
  public short apiKey() {
    return SupportedApis.FETCH;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    FetchRequestData data = request.decode(FetchRequestData::new);
    FetchContext context =
        request
            .connection()
            .fetchSessions()
            .open(data, request.apiVersion() >= FIRST_WITH_TOPIC_IDS);
    if (context.error() != Errors.NONE) {
      return Future.succeededFuture(ApiResponse.of(context.respond(List.of())));
    }
    return new FetchJob(tools, images.get(), request, data, context).run();
  }
}
