package io.milena.zookeeper.client;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;

/** Our operations as ZooKeeper's own, and its results as ours. */
final class ZkMulti {
  private ZkMulti() {}

  static Op request(ZkOp op) {
    if (op instanceof ZkOp.Create create) {
      return Op.create(
          create.path(), create.data(), ZooDefs.Ids.OPEN_ACL_UNSAFE, mode(create.mode()));
    } else if (op instanceof ZkOp.SetData set) {
      return Op.setData(set.path(), set.data(), set.expectedVersion());
    } else if (op instanceof ZkOp.Delete delete) {
      return Op.delete(delete.path(), delete.expectedVersion());
    }
    ZkOp.Check check = (ZkOp.Check) op;
    return Op.check(check.path(), check.expectedVersion());
  }

  static List<ZkOpResult> results(List<ZkOp> ops, List<OpResult> results) {
    List<ZkOpResult> list = new ArrayList<>(ops.size());
    for (int i = 0; i < ops.size(); i++) {
      OpResult result = results.get(i);
      if (result instanceof OpResult.CreateResult created) {
        list.add(new ZkOpResult(created.getPath(), null));
      } else if (result instanceof OpResult.SetDataResult set) {
        list.add(new ZkOpResult(ops.get(i).path(), ZStat.of(set.getStat())));
      } else {
        list.add(new ZkOpResult(ops.get(i).path(), null));
      }
    }
    return list;
  }

  static CreateMode mode(ZkOp.Mode mode) {
    return switch (mode) {
      case PERSISTENT -> CreateMode.PERSISTENT;
      case PERSISTENT_SEQUENTIAL -> CreateMode.PERSISTENT_SEQUENTIAL;
      case EPHEMERAL -> CreateMode.EPHEMERAL;
    };
  }
}
