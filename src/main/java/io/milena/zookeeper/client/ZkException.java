package io.milena.zookeeper.client;

/**
 * Why an operation on ZooKeeper did not succeed. All futures of this package fail with one of these
 * types. Without stack traces: the path says where.
 */
public abstract class ZkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final int opIndex;

  ZkException(String message, String path, int opIndex) {
    super(message, null, false, false);
    this.path = path;
    this.opIndex = opIndex;
  }

  /** Path of the operation that failed. */
  public String path() {
    return path;
  }

  /** Index of the failed operation within its multi, or -1. */
  public int opIndex() {
    return opIndex;
  }

  /** True when nothing is known to be wrong with the request and trying again makes sense. */
  public boolean retriable() {
    return false;
  }

  /** The same error with {@link #opIndex()} greater by {@code by}, where it has an index. */
  public ZkException shifted(int by) {
    return this;
  }

  /** The znode, or the parent of a znode to create, does not exist. */
  public static final class NoNode extends ZkException {
    private static final long serialVersionUID = 1L;

    NoNode(String path, int opIndex) {
      super("no znode " + path, path, opIndex);
    }

    @Override
    public NoNode shifted(int by) {
      return new NoNode(path(), opIndex() + by);
    }
  }

  /** The znode to create exists already. */
  public static final class NodeExists extends ZkException {
    private static final long serialVersionUID = 1L;

    public NodeExists(String path, int opIndex) {
      super("znode " + path + " exists", path, opIndex);
    }

    @Override
    public NodeExists shifted(int by) {
      return new NodeExists(path(), opIndex() + by);
    }
  }

  /** The znode has another version than the one expected. */
  public static final class BadVersion extends ZkException {
    private static final long serialVersionUID = 1L;

    BadVersion(String path, int opIndex) {
      super("znode " + path + " has another version than expected", path, opIndex);
    }

    @Override
    public BadVersion shifted(int by) {
      return new BadVersion(path(), opIndex() + by);
    }
  }

  /** The znode to delete has children. */
  public static final class NotEmpty extends ZkException {
    private static final long serialVersionUID = 1L;

    NotEmpty(String path, int opIndex) {
      super("znode " + path + " has children", path, opIndex);
    }

    @Override
    public NotEmpty shifted(int by) {
      return new NotEmpty(path(), opIndex() + by);
    }
  }

  /**
   * The connection was not there or broke. If {@link #outcomeUnknown()}, the operation may have
   * happened: re-read before deciding (R3).
   */
  public static final class ConnectionLost extends ZkException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeUnknown;

    ConnectionLost(String path, boolean outcomeUnknown) {
      super(
          "no connection to ZooKeeper for "
              + path
              + (outcomeUnknown ? " (it may have happened)" : ""),
          path,
          -1);
      this.outcomeUnknown = outcomeUnknown;
    }

    /** False when the operation certainly was not sent. */
    public boolean outcomeUnknown() {
      return outcomeUnknown;
    }

    @Override
    public boolean retriable() {
      return true;
    }
  }

  /** The session is over, its ephemerals are gone or about to go; a new session is on its way. */
  public static final class SessionExpired extends ZkException {
    private static final long serialVersionUID = 1L;

    SessionExpired(String path) {
      super("ZooKeeper session expired, operation on " + path, path, -1);
    }

    @Override
    public boolean retriable() {
      return true;
    }
  }

  /** Another controller was elected: resign, drop the queue, send nothing more (R2). */
  public static final class ControllerMoved extends ZkException {
    private static final long serialVersionUID = 1L;

    private final int controllerEpoch;

    /**
     * @param path of the znode that told
     */
    public ControllerMoved(String path, int controllerEpoch) {
      super(path + " moved on from our epoch " + controllerEpoch, path, -1);
      this.controllerEpoch = controllerEpoch;
    }

    /** The epoch that is no longer ours. */
    public int controllerEpoch() {
      return controllerEpoch;
    }
  }

  /** The bytes of a znode are not what the layout says. */
  public static final class Malformed extends ZkException {
    private static final long serialVersionUID = 1L;

    public Malformed(String what, String why) {
      super(what + " in ZooKeeper is malformed: " + why, what, -1);
    }
  }

  /** Anything else, named by ZooKeeper's code, e.g. NOAUTH or a request above jute.maxbuffer. */
  public static final class Other extends ZkException {
    private static final long serialVersionUID = 1L;

    Other(String code, String path, int opIndex) {
      super("ZooKeeper answered " + code + " for " + path, path, opIndex);
    }
  }
}
