package io.milena.zookeeper.client;

/**
 * One operation of a multi ({@link ZkSession#multi}). Paths are relative to the chroot; {@code
 * expectedVersion} may be {@link #ANY_VERSION}.
 */
@SuppressWarnings("ArrayRecordComponent") // operations are never compared
public sealed interface ZkOp {
  /** No condition on the version. */
  int ANY_VERSION = -1;

  String path();

  /** How long a created znode lives and how it is named. */
  enum Mode {
    PERSISTENT,
    /** Ten digits of the parent's counter are added to the name. */
    PERSISTENT_SEQUENTIAL,
    /** Goes with the session. */
    EPHEMERAL
  }

  /**
   * @param data may be null
   */
  record Create(String path, byte[] data, Mode mode) implements ZkOp {}

  /**
   * @param data may be null
   */
  record SetData(String path, byte[] data, int expectedVersion) implements ZkOp {}

  record Delete(String path, int expectedVersion) implements ZkOp {}

  /** Succeeds when the znode exists and has that version. */
  record Check(String path, int expectedVersion) implements ZkOp {}

  /** A persistent znode. */
  static ZkOp create(String path, byte[] data) {
    return new Create(path, data, Mode.PERSISTENT);
  }

  /** An ephemeral znode. */
  static ZkOp createEphemeral(String path, byte[] data) {
    return new Create(path, data, Mode.EPHEMERAL);
  }

  static ZkOp setData(String path, byte[] data, int expectedVersion) {
    return new SetData(path, data, expectedVersion);
  }

  static ZkOp delete(String path, int expectedVersion) {
    return new Delete(path, expectedVersion);
  }

  static ZkOp check(String path, int expectedVersion) {
    return new Check(path, expectedVersion);
  }

  /** About how many bytes the operation takes in a request. */
  default int sizeBytes() {
    int data = 0;
    if (this instanceof Create create) {
      data = create.data() == null ? 0 : create.data().length;
    } else if (this instanceof SetData set) {
      data = set.data() == null ? 0 : set.data().length;
    }
    return path().length() + data + 80;
  }
}
