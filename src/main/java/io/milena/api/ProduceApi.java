package io.milena.api;

import io.milena.base.Clock;
import io.milena.log.batch.BatchValidator;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.TopicMeters;
import io.milena.partition.PartitionClient;
import io.milena.protocol.SupportedApis;
import io.milena.work.CpuWork;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * Produce 3-13. Validates on the event loop what is cheap and on the executor {@code cpu} what is
 * not, splits by owner, appends, answers. Stateless, shared by all connections; the state of a
 * request is its {@link ProduceJob}, the order of a connection's requests its {@link StageOne}.
 */
public final class ProduceApi implements ApiHandler {
  static final short FIRST_WITH_STORAGE_ERROR = 4;
  static final short FIRST_WITH_LEADER = 10;

  /** A validator keeps buffers and serves one thread. */
  private static final FastThreadLocal<BatchValidator> VALIDATORS =
      new FastThreadLocal<>() {
        @Override
        protected BatchValidator initialValue() {
          return new BatchValidator();
        }
      };

  /** What the jobs work with. */
  record Tools(
      PartitionClient partitions,
      TopicConfigView configs,
      CpuWork cpu,
      Clock clock,
      TopicMeters meters) {
    /** The validator of the current thread. */
    BatchValidator validator() {
      return VALIDATORS.get();
    }
  }

  private final Supplier<ClusterImage> images;
  private final Tools tools;

  /**
   * @param images the newest cluster image
   * @param partitions the partition verticles
   * @param configs settings by topic
   * @param cpu where costly batches are validated
   */
  public ProduceApi(
      Supplier<ClusterImage> images,
      PartitionClient partitions,
      TopicConfigView configs,
      CpuWork cpu,
      Clock clock,
      TopicMeters meters) {
    this.images = images;
    this.tools = new Tools(partitions, configs, cpu, clock, meters);
  }

  @Override
  public short apiKey() {
    return SupportedApis.PRODUCE;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ProduceRequestReader.Request produce =
        ProduceRequestReader.read(request.body(), request.apiVersion());
    return new ProduceJob(tools, images.get(), request, produce).run();
  }
}
