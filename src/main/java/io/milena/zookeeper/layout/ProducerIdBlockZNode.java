package io.milena.zookeeper.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.milena.zookeeper.client.ZkException;

/**
 * {@code /latest_producer_id_block}, version 1: the last block handed out. The next one starts at
 * {@code lastId + 1} and is written with the version read (R39).
 *
 * @param brokerId that got the block
 * @param firstId first producer id of the block
 * @param lastId last producer id of the block, inclusive
 */
public record ProducerIdBlockZNode(int brokerId, long firstId, long lastId) {
  /** Producer ids in a block. */
  public static final int BLOCK_SIZE = 1000;

  /** The first block of a cluster. */
  public static ProducerIdBlockZNode first(int brokerId) {
    return new ProducerIdBlockZNode(brokerId, 0, BLOCK_SIZE - 1);
  }

  /** The block after this one; fails when producer ids are used up. */
  public ProducerIdBlockZNode next(int brokerId) {
    if (lastId > Long.MAX_VALUE - BLOCK_SIZE) {
      throw new IllegalStateException("producer ids are used up, last block ends at " + lastId);
    }
    return new ProducerIdBlockZNode(brokerId, lastId + 1, lastId + BLOCK_SIZE);
  }

  public byte[] encode() {
    return Json.bytes(
        Json.object()
            .put("version", 1)
            .put("broker", brokerId)
            .put("block_start", Long.toString(firstId))
            .put("block_end", Long.toString(lastId)));
  }

  /** Null when no block was ever handed out; fails with {@link ZkException.Malformed}. */
  public static ProducerIdBlockZNode decode(byte[] data) {
    if (data == null || data.length == 0) {
      return null;
    }
    String what = Paths.PRODUCER_ID_BLOCK;
    JsonNode json = Json.parse(what, data);
    return new ProducerIdBlockZNode(
        Json.requiredInt(what, json, "broker"),
        Json.requiredLongText(what, json, "block_start"),
        Json.requiredLongText(what, json, "block_end"));
  }
}
