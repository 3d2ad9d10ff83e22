package dev.quern.trainer.data;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Samples to train on and samples to test with.
 *
 * @param train at least one row
 * @param test no row if nothing is held back
 */
public record Split(Samples train, Samples test) {
  /** Holds nothing back. */
  public static Split none(Samples all) {
    return new Split(all, all.select());
  }

  /**
   * Holds the last {@code n} rows back.
   *
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static Split last(Samples all, int n) {
    return where(all, row -> row >= all.rows() - n, "the last " + n);
  }

  /**
   * Holds every {@code k}-th row back: those with {@code row % k == k - 1}, counted from 0.
   *
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static Split every(Samples all, int k) {
    if (k < 1) {
      throw new DataException("test rows: every " + k + "th row makes no sense");
    }
    return where(all, row -> row % k == k - 1, "every " + k + "th");
  }

  /**
   * Holds a random choice of rows back; the same seed makes the same choice. Both parts keep the
   * order of the file.
   *
   * @param fraction what part of the rows to test with, rounded to a whole number of rows
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static Split fraction(Samples all, double fraction, long seed) {
    int n = (int) Math.max(0, Math.min(all.rows(), Math.round(fraction * all.rows())));
    boolean[] test = new boolean[all.rows()];
    int[] order = permutation(all.rows(), new Random(seed));
    for (int i = 0; i < n; i++) {
      test[order[i]] = true;
    }
    return where(all, row -> test[row], "a random part of " + fraction);
  }

  /** Returns the numbers below {@code n} in random order. */
  public static int[] permutation(int n, Random random) {
    int[] order = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static Split where(Samples all, IntPredicate test, String rule) {
    int[] held = IntStream.range(0, all.rows()).filter(test).toArray();
    int[] kept = IntStream.range(0, all.rows()).filter(test.negate()).toArray();
    if (held.length == 0 || kept.length == 0) {
      throw new DataException(
          "test rows: "
              + rule
              + " of "
              + all.rows()
              + " rows leaves none to "
              + (kept.length == 0 ? "train on" : "test with"));
    }
    return new Split(all.select(kept), all.select(held));
  }

  /** Returns the number of classes: one more than the greatest label of both parts. */
  public int classes() {
    return 1
        + (int)
            Math.max(
                Arrays.stream(train.targets()).max().orElse(0),
                Arrays.stream(test.targets()).max().orElse(0));
  }
}
