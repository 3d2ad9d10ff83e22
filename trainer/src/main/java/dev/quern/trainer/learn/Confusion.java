package dev.quern.trainer.learn;

import java.util.Arrays;

/**
 * How often a classifier took each class for each.
 *
 * @param counts rows by true class, then by predicted class
 */
public record Confusion(long[][] counts) {
  /** Returns the number of classes. */
  public int classes() {
    return counts.length;
  }

  /** Returns how many rows are of a class. */
  public long rows(int k) {
    return Arrays.stream(counts[k]).sum();
  }

  /** Returns how many rows were given a class. */
  public long predicted(int k) {
    return Arrays.stream(counts).mapToLong(row -> row[k]).sum();
  }

  /** Returns how many rows were given their class. */
  public long correct() {
    long correct = 0;
    for (int k = 0; k < classes(); k++) {
      correct += counts[k][k];
    }
    return correct;
  }

  /** Returns the part of a class's predictions that are right; NaN if there are none. */
  public double precision(int k) {
    return counts[k][k] / (double) predicted(k);
  }

  /** Returns the part of a class's rows that are found; NaN if there are none. */
  public double recall(int k) {
    return counts[k][k] / (double) rows(k);
  }
}
