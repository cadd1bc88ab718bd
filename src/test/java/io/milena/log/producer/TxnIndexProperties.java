package io.milena.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Search in the transaction index equals linear search. */
class TxnIndexProperties {
  private static final long BASE = 5_000_000_000L;

  @Property(tries = 300)
  void shouldFindAbortedTransactionsAsALinearSearchDoes(
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 20) Integer> steps,
      @ForAll @LongRange(max = 400) long from,
      @ForAll @LongRange(max = 400) long length) {
    TxnIndex index = new TxnIndex(BASE);
    List<AbortedTxn> all = new ArrayList<>();
    long at = BASE;
    for (int i = 0; i < steps.size(); i++) {
      at += steps.get(i);
      AbortedTxn entry = new AbortedTxn(i % 3, Math.max(BASE, at - 5), at, at + 1);
      index.append(entry);
      all.add(entry);
    }
    long to = BASE + from + length;
    List<AbortedTxn> found = new ArrayList<>();

    TxnIndex again = TxnIndex.decode(BASE, index.encode(0));
    again.collect(BASE + from, to, found);

    all.removeIf(txn -> txn.lastOffset() < BASE + from || txn.firstOffset() >= to);
    assertThat(found).isSubsetOf(all);
    all.removeIf(txn -> txn.lastStableOffset() > to);
    assertThat(found).containsAll(all);
  }
}
