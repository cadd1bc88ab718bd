package io.milena.zookeeper.client;

import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.OpResult;

/** The only translator from ZooKeeper's codes to {@link ZkException}. */
final class ZkErrors {
  private ZkErrors() {}

  static ZkException of(int code, String path) {
    return of(Code.get(code), path, -1);
  }

  /** The error of the operation that made the multi fail. */
  static ZkException ofMulti(int code, List<OpResult> results, List<ZkOp> ops) {
    if (results != null) {
      for (int i = 0; i < results.size() && i < ops.size(); i++) {
        if (results.get(i) instanceof OpResult.ErrorResult error
            && error.getErr() != Code.OK.intValue()
            && error.getErr() != Code.RUNTIMEINCONSISTENCY.intValue()) {
          return of(Code.get(error.getErr()), ops.get(i).path(), i);
        }
      }
    }
    return of(Code.get(code), ops.isEmpty() ? "/" : ops.get(0).path(), -1);
  }

  private static ZkException of(Code code, String path, int opIndex) {
    if (code == null) {
      return new ZkException.Other("an unknown code", path, opIndex);
    }
    return switch (code) {
      case NONODE -> new ZkException.NoNode(path, opIndex);
      case NODEEXISTS -> new ZkException.NodeExists(path, opIndex);
      case BADVERSION -> new ZkException.BadVersion(path, opIndex);
      case NOTEMPTY -> new ZkException.NotEmpty(path, opIndex);
      case CONNECTIONLOSS, OPERATIONTIMEOUT, REQUESTTIMEOUT ->
          new ZkException.ConnectionLost(path, true);
      case SESSIONEXPIRED, SESSIONMOVED, SESSIONCLOSEDREQUIRESASLAUTH ->
          new ZkException.SessionExpired(path);
      default -> new ZkException.Other(code.name(), path, opIndex);
    };
  }
}
