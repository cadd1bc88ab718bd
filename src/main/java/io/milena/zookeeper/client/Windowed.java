package io.milena.zookeeper.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Many asynchronous calls with a bounded number on the way; results in order. Stops at the first
 * failure. All completions must arrive on one thread at a time (they do: one context).
 */
public final class Windowed<A, R> {
  private final List<A> inputs;
  private final Function<A, Future<R>> call;
  private final List<R> results;
  private final Promise<List<R>> all = Promise.promise();
  private int next;
  private int done;

  private Windowed(List<A> inputs, Function<A, Future<R>> call) {
    this.inputs = inputs;
    this.call = call;
    this.results = new ArrayList<>(Collections.nCopies(inputs.size(), null));
  }

  /**
   * Calls {@code call} with each of {@code inputs} and answers the results in their order.
   *
   * @param window largest number of calls on the way at once
   */
  public static <A, R> Future<List<R>> run(
      List<A> inputs, int window, Function<A, Future<R>> call) {
    if (inputs.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Windowed<A, R> run = new Windowed<>(inputs, call);
    for (int i = 0; i < Math.min(window, inputs.size()); i++) {
      run.startNext();
    }
    return run.all.future();
  }

  private void startNext() {
    int index;
    synchronized (this) {
      if (next == inputs.size() || all.future().failed()) {
        return;
      }
      index = next++;
    }
    call.apply(inputs.get(index))
        .onComplete(
            result -> {
              results.set(index, result);
              boolean last;
              synchronized (this) {
                last = ++done == inputs.size();
              }
              if (last) {
                all.tryComplete(results);
              } else {
                startNext();
              }
            },
            all::tryFail);
  }
}
