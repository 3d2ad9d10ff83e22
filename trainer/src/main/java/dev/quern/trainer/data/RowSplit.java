package dev.quern.trainer.data;

import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which rows of a data set serve what, by their numbers in ascending order.
 *
 * @param train rows to train on, at least one
 * @param validation rows that decide when to stop, or none
 * @param test rows to test with, or none
 */
public record RowSplit(int[] train, int[] validation, int[] test) {
  private static final int[] NONE = {};

  /** Holds nothing back. */
  public static RowSplit none(int rows) {
    return new RowSplit(IntStream.range(0, rows).toArray(), NONE, NONE);
  }

  /**
   * Holds the last {@code n} rows back.
   *
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static RowSplit last(int rows, int n) {
    return where(rows, row -> row >= rows - (long) n, "the last " + n);
  }

  /**
   * Holds every {@code k}-th row back: those with {@code row % k == k - 1}, counted from 0.
   *
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static RowSplit every(int rows, int k) {
    if (k < 1) {
      throw new DataException("test rows: every " + k + "th row makes no sense");
    }
    return where(rows, row -> row % k == k - 1, "every " + k + "th");
  }

  /**
   * Holds a random choice of rows back; the same seed makes the same choice.
   *
   * @param fraction what part of the rows to test with, rounded to a whole number of rows
   * @throws DataException if that leaves no row to train on or to test with
   */
  public static RowSplit fraction(int rows, double fraction, long seed) {
    boolean[] test = chosen(rows, fraction, seed);
    return where(rows, row -> test[row], "a random part of " + fraction);
  }

  /**
   * Takes a random choice of the training rows to validate with; the same seed makes the same
   * choice.
   *
   * @param fraction what part of them, rounded to a whole number of rows
   * @throws DataException if that leaves no row to train on or to validate with
   */
  public RowSplit withValidation(double fraction, long seed) {
    // Another choice than fraction() makes of as many rows.
    boolean[] held = chosen(train.length, fraction, ~seed);
    int[] kept =
        IntStream.range(0, train.length).filter(i -> !held[i]).map(i -> train[i]).toArray();
    int[] validation =
        IntStream.range(0, train.length).filter(i -> held[i]).map(i -> train[i]).toArray();
    if (kept.length == 0 || validation.length == 0) {
      throw new DataException(
          "validation rows: a random part of "
              + fraction
              + " of "
              + train.length
              + " rows leaves none to "
              + (kept.length == 0 ? "train on" : "validate with"));
    }
    return new RowSplit(kept, validation, test);
  }

  private static boolean[] chosen(int rows, double fraction, long seed) {
    int n = (int) Math.max(0, Math.min(rows, Math.round(fraction * rows)));
    boolean[] out = new boolean[rows];
    int[] order = permutation(rows, new Random(seed));
    for (int i = 0; i < n; i++) {
      out[order[i]] = true;
    }
    return out;
  }

  private static int[] permutation(int n, Random random) {
    int[] order = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static RowSplit where(int rows, IntPredicate test, String rule) {
    int[] held = IntStream.range(0, rows).filter(test).toArray();
    int[] kept = IntStream.range(0, rows).filter(test.negate()).toArray();
    if (held.length == 0 || kept.length == 0) {
      throw new DataException(
          "test rows: "
              + rule
              + " of "
              + rows
              + " rows leaves none to "
              + (kept.length == 0 ? "train on" : "test with"));
    }
    return new RowSplit(kept, NONE, held);
  }
}
