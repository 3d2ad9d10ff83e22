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

  private Scaling(double[] offset, double[] unit) {
    this.offset = offset;
    this.unit = unit;
  }

  /** Returns the scaling to mean 0 and population standard deviation 1 (ddof 0). */
  public static Scaling standard(Samples train) {
    int columns = train.columns();
    double[] mean = new double[columns];
    double[] deviation = new double[columns];
    double[] x = train.features();
    for (int i = 0; i < x.length; i++) {
      mean[i % columns] += x[i];
    }
    for (int j = 0; j < columns; j++) {
      mean[j] /= train.rows();
    }
    for (int i = 0; i < x.length; i++) {
      double d = x[i] - mean[i % columns];
      deviation[i % columns] += d * d;
    }
    for (int j = 0; j < columns; j++) {
      deviation[j] = Math.sqrt(deviation[j] / train.rows());
      // A constant whose mean rounds has a deviation of the order of rounding, not 0.
      if (deviation[j] <= 1e-14 * Math.abs(mean[j])) {
        deviation[j] = 0;
      }
    }
    return new Scaling(mean, deviation);
  }

  /** Returns the scaling of least and greatest value to 0 and 1. */
  public static Scaling range(Samples train) {
    int columns = train.columns();
    double[] least = new double[columns];
    double[] greatest = new double[columns];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
    double[] x = train.features();
    for (int i = 0; i < x.length; i++) {
      least[i % columns] = Math.min(least[i % columns], x[i]);
      greatest[i % columns] = Math.max(greatest[i % columns], x[i]);
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

  /** Returns both parts scaled. */
  public Split apply(Split split) {
    return new Split(apply(split.train()), apply(split.test()));
  }

  private Samples apply(Samples samples) {
    double[] x = samples.features();
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int j = i % offset.length;
      out[i] = unit[j] == 0 ? 0 : (x[i] - offset[j]) / unit[j];
    }
    return samples.withFeatures(out);
  }
}
