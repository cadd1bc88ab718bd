package io.milena.controller;

import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.Paths;
import io.milena.zookeeper.layout.ProducerIdBlockZNode;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Blocks of producer ids, each taken by a conditional write of {@code /latest_producer_id_block}
 * and never given twice (R39): after an unknown outcome the block is lost, not reused. Owned by the
 * controller's context.
 */
final class ProducerIdBlocks {
  private static final int ATTEMPTS = 5;

  private final ZkSession zk;
  private final EpochCheckedWrites writes;
  private Future<?> last = Future.succeededFuture();

  ProducerIdBlocks(ZkSession zk, EpochCheckedWrites writes) {
    this.zk = zk;
    this.writes = writes;
  }

  /** The next block for that broker; one at a time. */
  Future<ApiMessage> allocate(AllocateProducerIdsRequestData request) {
    Future<ApiMessage> next = last.transform(done -> attempt(request.brokerId(), ATTEMPTS));
    last = next;
    return next;
  }

  private Future<ApiMessage> attempt(int brokerId, int left) {
    return zk.get(Paths.PRODUCER_ID_BLOCK)
        .compose(
            node -> {
              ProducerIdBlockZNode previous = ProducerIdBlockZNode.decode(node.data());
              ProducerIdBlockZNode block =
                  previous == null ? ProducerIdBlockZNode.first(brokerId) : previous.next(brokerId);
              return writes
                  .write(
                      List.of(
                          ZkOp.setData(
                              Paths.PRODUCER_ID_BLOCK, block.encode(), node.stat().version())))
                  .map(written -> response(block));
            })
        .recover(
            e -> {
              if (e instanceof ZkException.BadVersion && left > 1) {
                return attempt(brokerId, left - 1);
              }
              return Future.failedFuture(
                  new CoordinatorLoadInProgressException("No producer ids: " + e.getMessage()));
            });
  }

  private static ApiMessage response(ProducerIdBlockZNode block) {
    return new AllocateProducerIdsResponseData()
        .setProducerIdStart(block.firstId())
        .setProducerIdLen((int) (block.lastId() - block.firstId() + 1));
  }
}
