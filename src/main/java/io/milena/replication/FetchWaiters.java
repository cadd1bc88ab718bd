package io.milena.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Those who wait until logs grew (long polls): each has positions in several partitions and a
 * number of bytes that must be readable from them in all. Deadlines are kept by the owner.
 *
 * @param <K> partition
 * @param <P> position in a partition, known to the owner
 * @param <T> token: whoever waits
 */
public final class FetchWaiters<K, P, T> {
  private final Map<K, Set<Place<K, P, T>>> byPartition = new HashMap<>();
  private final int capacity;
  private int waits;

  /** One registered wait; hold it to {@link #remove} it. */
  public static final class Wait<K, P, T> {
    private final T token;
    private final long minBytes;
    private final List<Place<K, P, T>> places;
    private long readableBytes;
    private boolean registered;

    private Wait(T token, long minBytes, int positions) {
      this.token = token;
      this.minBytes = minBytes;
      this.places = new ArrayList<>(positions);
    }

    public T token() {
      return token;
    }

    /** True when enough bytes are readable. */
    public boolean satisfied() {
      return readableBytes >= minBytes;
    }
  }

  private static final class Place<K, P, T> {
    private final K partition;
    private final P position;
    private final Wait<K, P, T> wait;
    private long readableBytes;

    private Place(K partition, P position, Wait<K, P, T> wait) {
      this.partition = partition;
      this.position = position;
      this.wait = wait;
    }
  }

  /**
   * @param capacity above it {@link #isFull()} tells the owner to answer at once
   */
  public FetchWaiters(int capacity) {
    this.capacity = capacity;
  }

  /** A wait that is not registered yet: add its positions, ask if it is satisfied, register it. */
  public Wait<K, P, T> wait(T token, long minBytes, int positions) {
    return new Wait<>(token, minBytes, positions);
  }

  /** Adds a position with the bytes that are readable there now. */
  public void position(Wait<K, P, T> wait, K partition, P position, long readableBytes) {
    Place<K, P, T> place = new Place<>(partition, position, wait);
    place.readableBytes = readableBytes;
    wait.readableBytes += readableBytes;
    wait.places.add(place);
  }

  /** From now on the wait is looked at when one of its partitions grows. */
  public void register(Wait<K, P, T> wait) {
    wait.registered = true;
    waits++;
    for (Place<K, P, T> place : wait.places) {
      byPartition.computeIfAbsent(place.partition, k -> new LinkedHashSet<>(2)).add(place);
    }
  }

  /**
   * More of {@code partition} became readable. Waits that are satisfied by it are removed, then
   * handed to {@code satisfied}.
   *
   * @param readableBytes counts anew what can be read from a position
   */
  public void grown(
      K partition, ToLongFunction<P> readableBytes, Consumer<Wait<K, P, T>> satisfied) {
    Set<Place<K, P, T>> places = byPartition.get(partition);
    if (places == null) {
      return;
    }
    List<Wait<K, P, T>> done = new ArrayList<>(2);
    for (Place<K, P, T> place : places) {
      long readable = readableBytes.applyAsLong(place.position);
      place.wait.readableBytes += readable - place.readableBytes;
      place.readableBytes = readable;
      if (place.wait.satisfied()) {
        done.add(place.wait);
      }
    }
    handOut(done, satisfied);
  }

  /** Something is to be told about {@code partition}: whoever waits for it is handed out. */
  public void wake(K partition, Consumer<Wait<K, P, T>> woken) {
    Set<Place<K, P, T>> places = byPartition.get(partition);
    if (places != null) {
      handOut(places.stream().map(p -> p.wait).toList(), woken);
    }
  }

  /** Everybody is handed out: the owner stops. */
  public void drain(Consumer<Wait<K, P, T>> drained) {
    for (K partition : List.copyOf(byPartition.keySet())) {
      wake(partition, drained);
    }
  }

  private void handOut(List<Wait<K, P, T>> done, Consumer<Wait<K, P, T>> consumer) {
    for (Wait<K, P, T> wait : done) {
      if (remove(wait)) {
        consumer.accept(wait);
      }
    }
  }

  /**
   * Forgets a wait.
   *
   * @return false when it was not registered (any more)
   */
  public boolean remove(Wait<K, P, T> wait) {
    if (!wait.registered) {
      return false;
    }
    wait.registered = false;
    waits--;
    for (Place<K, P, T> place : wait.places) {
      Set<Place<K, P, T>> places = byPartition.get(place.partition);
      places.remove(place);
      if (places.isEmpty()) {
        byPartition.remove(place.partition);
      }
    }
    return true;
  }

  public boolean isFull() {
    return waits >= capacity;
  }

  public int size() {
    return waits;
  }
}
