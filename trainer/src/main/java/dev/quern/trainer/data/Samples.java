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

  /**
   * Joins features with a column of targets.
   *
   * @throws DataException if the numbers of rows differ, there is more than one target column, or a
   *     target does not suit the task
   */
  public static Samples join(Table features, Table targets, Task task) {
    if (targets.columns() != 1) {
      throw targets.error("targets need one column, not " + targets.columns());
    }
    if (features.rows() != targets.rows()) {
      throw targets.error(targets.rows() + " targets for " + features.rows() + " rows of features");
    }
    for (int row = 0; row < targets.rows(); row++) {
      String objection = task.objection(targets.at(row, 0), targets.rows());
      if (!objection.isEmpty()) {
        throw targets.error(row, objection);
      }
    }
    return new Samples(features.columns(), features.values(), targets.values());
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

  /** Returns the samples with other features of the same number. */
  Samples withFeatures(double[] other) {
    return new Samples(columns, other, targets);
  }

  /** Returns the chosen rows in the order given. */
  public Samples select(int... chosen) {
    double[] x = new double[chosen.length * columns];
    double[] y = new double[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(features, chosen[i] * columns, x, i * columns, columns);
      y[i] = targets[chosen[i]];
    }
    return new Samples(columns, x, y);
  }
}
