package dev.quern.trainer.data;

import java.util.Arrays;

/**
 * A change of each feature's origin and unit, {@code (x - offset) / unit}. Its numbers come from
 * the training rows alone, so that the test rows stay unseen. A feature that is constant there
 * becomes 0 everywhere.
 */
public final class Scaling {
  private final double[] offset;
  private final double[] unit;

  /**
   * Makes a scaling of given numbers, which are not copied; a unit of 0 makes a feature 0.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public Scaling(double[] offset, double[] unit) {
    if (offset.length != unit.length) {
      throw new IllegalArgumentException(
          "scaling: " + offset.length + " offsets and " + unit.length + " units");
    }
    this.offset = offset;
    this.unit = unit;
  }

  /** Returns the scaling to mean 0 and population standard deviation 1 (ddof 0) of some rows. */
  public static Scaling standard(RowSource source, int... rows) {
    int columns = source.columns();
    double[] mean = new double[columns];
    double[] deviation = new double[columns];
    double[] x = new double[columns];
    for (int row : rows) {
      source.read(row, x, 0);
      for (int j = 0; j < columns; j++) {
        mean[j] += x[j];
      }
    }
    for (int j = 0; j < columns; j++) {
      mean[j] /= rows.length;
    }
    for (int row : rows) {
      source.read(row, x, 0);
      for (int j = 0; j < columns; j++) {
        double d = x[j] - mean[j];
        deviation[j] += d * d;
      }
    }
    for (int j = 0; j < columns; j++) {
      deviation[j] = Math.sqrt(deviation[j] / rows.length);
      // A constant whose mean rounds has a deviation of the order of rounding, not 0.
      if (deviation[j] <= 1e-14 * Math.abs(mean[j])) {
        deviation[j] = 0;
      }
    }
    return new Scaling(mean, deviation);
  }

  /** Returns the scaling of least and greatest value in some rows to 0 and 1. */
  public static Scaling range(RowSource source, int... rows) {
    int columns = source.columns();
    double[] least = new double[columns];
    double[] greatest = new double[columns];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
    double[] x = new double[columns];
    for (int row : rows) {
      source.read(row, x, 0);
      for (int j = 0; j < columns; j++) {
        least[j] = Math.min(least[j], x[j]);
        greatest[j] = Math.max(greatest[j], x[j]);
      }
    }
    for (int j = 0; j < columns; j++) {
      greatest[j] -= least[j];
    }
    return new Scaling(least, greatest);
  }

  /** Returns the scaling that multiplies every feature by {@code factor}. */
  public static Scaling factor(int columns, double factor) {
    double[] unit = new double[columns];
    Arrays.fill(unit, 1 / factor);
    return new Scaling(new double[columns], unit);
  }

  /** Returns what is subtracted from each feature; not a copy. */
  public double[] offset() {
    return offset;
  }

  /** Returns what each feature is then divided by; not a copy. */
  public double[] unit() {
    return unit;
  }

  /** Returns a value of one feature, scaled. */
  public double apply(int feature, double value) {
    return unit[feature] == 0 ? 0 : (value - offset[feature]) / unit[feature];
  }

  /** Returns rows scaled as they are read. */
  public RowSource apply(RowSource source) {
    return new RowSource() {
      @Override
      public int rows() {
        return source.rows();
      }

      @Override
      public int columns() {
        return source.columns();
      }

      @Override
      public void read(int row, double[] target, int at) {
        source.read(row, target, at);
        for (int j = 0; j < offset.length; j++) {
          target[at + j] = Scaling.this.apply(j, target[at + j]);
        }
      }

      @Override
      public DataException error(int row, int column, String problem) {
        return source.error(row, column, problem);
      }
    };
  }
}
