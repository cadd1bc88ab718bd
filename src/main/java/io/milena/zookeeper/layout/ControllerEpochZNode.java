package io.milena.zookeeper.layout;

import io.milena.zookeeper.client.ZkException;
import java.nio.charset.StandardCharsets;

/** {@code /controller_epoch}: decimal text. */
public final class ControllerEpochZNode {
  private ControllerEpochZNode() {}

  public static byte[] encode(int epoch) {
    return Integer.toString(epoch).getBytes(StandardCharsets.UTF_8);
  }

  /** Fails with {@link ZkException.Malformed}. */
  public static int decode(byte[] data) {
    try {
      return Integer.parseInt(
          new String(data == null ? new byte[0] : data, StandardCharsets.UTF_8).trim());
    } catch (NumberFormatException e) {
      throw new ZkException.Malformed(Paths.CONTROLLER_EPOCH, "not a number");
    }
  }
}
