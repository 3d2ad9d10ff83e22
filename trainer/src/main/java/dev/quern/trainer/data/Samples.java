package dev.quern.trainer.data;

import java.util.Arrays;

/** Rows of features, each with its target: a label or a real number. */
public final class Samples {
  private final int rows;
  private final int columns;
  private final double[] features;
  private final double[] targets;

  /**
   * Makes samples of arrays, which are not copied.
   *
   * @param features one row after the other, {@code columns} numbers each
   * @throws IllegalArgumentException if the lengths do not fit
   */
  public Samples(int columns, double[] features, double[] targets) {
    if (features.length != targets.length * columns) {
      throw new IllegalArgumentException(
          "samples: "
              + features.length
              + " features are not "
              + targets.length
              + " rows of "
              + columns);
    }
    this.rows = targets.length;
    this.columns = columns;
    this.features = features;
    this.targets = targets;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of features of a row. */
  public int columns() {
    return columns;
  }

  /** Returns the features row by row; not a copy. */
  public double[] features() {
    return features;
  }

  /** Returns the targets; not a copy. */
  public double[] targets() {
    return targets;
  }

  /** Returns the targets as class numbers. */
  public long[] labels() {
    return Arrays.stream(targets).mapToLong(t -> (long) t).toArray();
  }
}
