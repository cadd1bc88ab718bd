package io.milena.zookeeper;

import io.milena.zookeeper.client.Windowed;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkOpResult;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.ControllerEpochZNode;
import io.milena.zookeeper.layout.ControllerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * The only way a controller comes into being and writes (R1, R2).
 *
 * <p>{@link #elect} creates {@code /controller} and raises {@code /controller_epoch} in one multi.
 * The winner gets an object of this class, bound to the znode version that it wrote: every write
 * through it is a multi that begins with a check of that version, so that a zombie cannot write.
 * Futures fail with {@link ZkException.ControllerMoved} when the check fails: resign then. Usable
 * from any thread, meant for the controller's context.
 */
public final class EpochCheckedWrites {
  /** Largest multi: half of what ZooKeeper servers take by default. */
  static final int CHUNK_BYTES = 512 << 10;

  private static final int CHUNK_OPS = 4_000;

  private final ZkSession session;
  private final int brokerId;
  private final int epoch;
  private final int epochVersion;

  private EpochCheckedWrites(ZkSession session, int brokerId, int epoch, int epochVersion) {
    this.session = session;
    this.brokerId = brokerId;
    this.epoch = epoch;
    this.epochVersion = epochVersion;
  }

  /**
   * Outcome of an election.
   *
   * @param writes of the winner; null when another broker is controller
   * @param controller who is controller now; null when it vanished again: try once more
   */
  public record Election(EpochCheckedWrites writes, ControllerZNode controller) {
    public boolean won() {
      return writes != null;
    }
  }

  /** What became of one atom of {@link #writeAll}: {@code error} is null when it was written. */
  public record AtomResult(List<ZkOpResult> results, ZkException error) {}

  /**
   * Tries to become controller (R1). An unknown outcome is settled by reading {@code /controller}
   * again (R3); if that is impossible too, the future fails with {@link ZkException.ConnectionLost}
   * and calling again is safe.
   *
   * @param wallMs time for the znode
   */
  public static Future<Election> elect(ZkSession session, int brokerId, long wallMs) {
    return session
        .find(Paths.CONTROLLER)
        .compose(
            found -> {
              if (found.isEmpty()) {
                return readEpoch(session)
                    .compose(epochNode -> takeOffice(session, brokerId, wallMs, epochNode));
              }
              ZNode node = found.get();
              if (node.stat().ephemeralOwner() != session.sessionId()) {
                return Future.succeededFuture(
                    new Election(null, ControllerZNode.decode(node.data())));
              }
              // Ours: an election whose answer was lost. Its multi wrote the epoch just read.
              return session
                  .get(Paths.CONTROLLER_EPOCH)
                  .map(epochNode -> won(session, brokerId, node, epochNode));
            });
  }

  private static Election won(ZkSession session, int brokerId, ZNode controller, ZNode epochNode) {
    if (controller.stat().czxid() != epochNode.stat().mzxid()) {
      // Another controller came after us: our znode cannot be the current one.
      return new Election(null, null);
    }
    return new Election(
        new EpochCheckedWrites(
            session,
            brokerId,
            ControllerEpochZNode.decode(epochNode.data()),
            epochNode.stat().version()),
        ControllerZNode.decode(controller.data()));
  }

  private static Future<ZNode> readEpoch(ZkSession session) {
    return session
        .find(Paths.CONTROLLER_EPOCH)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(found.get())
                    : session
                        .create(
                            Paths.CONTROLLER_EPOCH,
                            ControllerEpochZNode.encode(0),
                            ZkOp.Mode.PERSISTENT)
                        .transform(created -> session.get(Paths.CONTROLLER_EPOCH)));
  }

  private static Future<Election> takeOffice(
      ZkSession session, int brokerId, long wallMs, ZNode epochNode) {
    int newEpoch = ControllerEpochZNode.decode(epochNode.data()) + 1;
    ControllerZNode controller = new ControllerZNode(brokerId, wallMs);
    List<ZkOp> ops =
        List.of(
            ZkOp.createEphemeral(Paths.CONTROLLER, controller.encode()),
            ZkOp.setData(
                Paths.CONTROLLER_EPOCH,
                ControllerEpochZNode.encode(newEpoch),
                epochNode.stat().version()));
    return session
        .multi(ops)
        .map(
            results ->
                new Election(
                    new EpochCheckedWrites(
                        session, brokerId, newEpoch, results.get(1).stat().version()),
                    controller))
        .recover(
            e -> {
              if (e instanceof ZkException.NodeExists
                  || e instanceof ZkException.BadVersion
                  || (e instanceof ZkException.ConnectionLost lost && lost.outcomeUnknown())) {
                return settle(session, brokerId);
              }
              return Future.failedFuture(e);
            });
  }

  private static Future<Election> settle(ZkSession session, int brokerId) {
    return session
        .find(Paths.CONTROLLER)
        .compose(
            found -> {
              if (found.isEmpty()) {
                return Future.succeededFuture(new Election(null, null));
              }
              ZNode node = found.get();
              if (node.stat().ephemeralOwner() == session.sessionId()) {
                return session
                    .get(Paths.CONTROLLER_EPOCH)
                    .map(epochNode -> won(session, brokerId, node, epochNode));
              }
              return Future.succeededFuture(
                  new Election(null, ControllerZNode.decode(node.data())));
            });
  }

  /** Broker id of this controller. */
  public int brokerId() {
    return brokerId;
  }

  /** Controller epoch of this election. */
  public int epoch() {
    return epoch;
  }

  /**
   * All operations or none, if we are still controller. {@code opIndex} of an error counts them.
   */
  public Future<List<ZkOpResult>> write(List<ZkOp> ops) {
    List<ZkOp> checked = new ArrayList<>(ops.size() + 1);
    checked.add(ZkOp.check(Paths.CONTROLLER_EPOCH, epochVersion));
    checked.addAll(ops);
    return session
        .multi(checked)
        .map(results -> List.copyOf(results.subList(1, results.size())))
        .recover(e -> Future.failedFuture(translated(e)));
  }

  /**
   * Many independent atoms (each all or nothing) in as few multis as fit, pipelined, later chunks
   * not waiting for earlier ones. One bad atom does not harm the others: a chunk that fails because
   * of one is repeated atom by atom. Results in order. The future itself fails only with {@link
   * ZkException.ControllerMoved} or a lost connection or session; then some atoms may have been
   * written: re-read (R3).
   */
  public Future<List<AtomResult>> writeAll(List<List<ZkOp>> atoms) {
    List<Future<List<AtomResult>>> chunks = new ArrayList<>();
    List<List<ZkOp>> chunk = new ArrayList<>();
    int bytes = 0;
    int ops = 0;
    for (List<ZkOp> atom : atoms) {
      int atomBytes = atom.stream().mapToInt(ZkOp::sizeBytes).sum();
      if (!chunk.isEmpty() && (bytes + atomBytes > CHUNK_BYTES || ops + atom.size() > CHUNK_OPS)) {
        chunks.add(writeChunk(chunk));
        chunk = new ArrayList<>();
        bytes = 0;
        ops = 0;
      }
      chunk.add(atom);
      bytes += atomBytes;
      ops += atom.size();
    }
    if (!chunk.isEmpty()) {
      chunks.add(writeChunk(chunk));
    }
    return Future.join(chunks)
        .map(
            done -> {
              List<AtomResult> all = new ArrayList<>(atoms.size());
              chunks.forEach(c -> all.addAll(c.result()));
              return all;
            });
  }

  private Future<List<AtomResult>> writeChunk(List<List<ZkOp>> atoms) {
    List<ZkOp> ops = new ArrayList<>();
    atoms.forEach(ops::addAll);
    return write(ops)
        .map(results -> split(atoms, results))
        .recover(
            e -> {
              if (!(e instanceof ZkException error) || endsAll(error)) {
                return Future.failedFuture(e);
              }
              if (atoms.size() == 1) {
                return Future.succeededFuture(List.of(new AtomResult(List.of(), error)));
              }
              return Windowed.run(atoms, CHUNK_OPS, atom -> writeChunk(List.of(atom)))
                  .map(lists -> lists.stream().map(list -> list.get(0)).toList());
            });
  }

  private static List<AtomResult> split(List<List<ZkOp>> atoms, List<ZkOpResult> results) {
    List<AtomResult> list = new ArrayList<>(atoms.size());
    int at = 0;
    for (List<ZkOp> atom : atoms) {
      list.add(new AtomResult(results.subList(at, at + atom.size()), null));
      at += atom.size();
    }
    return list;
  }

  private static boolean endsAll(ZkException error) {
    return error instanceof ZkException.ControllerMoved || error.retriable();
  }

  /** Gives up office: deletes {@code /controller} if we still are controller. */
  public Future<Void> resign() {
    return write(List.of(ZkOp.delete(Paths.CONTROLLER, ZkOp.ANY_VERSION)))
        .<Void>mapEmpty()
        .recover(
            e ->
                e instanceof ZkException.NoNode || e instanceof ZkException.ControllerMoved
                    ? Future.succeededFuture()
                    : Future.failedFuture(e));
  }

  /** Errors count operations without our check, which is not the caller's. */
  private Throwable translated(Throwable e) {
    if (!(e instanceof ZkException error) || error.opIndex() < 0) {
      return e;
    }
    if (error.opIndex() == 0) {
      return new ZkException.ControllerMoved(Paths.CONTROLLER_EPOCH, epoch);
    }
    return error.shifted(-1);
  }
}
