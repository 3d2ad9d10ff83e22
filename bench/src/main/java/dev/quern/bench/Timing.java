package dev.quern.bench;

import java.util.Arrays;

/**
 * What one contender took for one case.
 *
 * @param label who
 * @param nanos the time of one run, measured once a round
 */
record Timing(Remote.Label label, double[] nanos) {
  /** Returns the median time. */
  double median() {
    return quantile(nanos, 0.5);
  }

  /** Returns the distance of the quartiles as a part of the median. */
  double spread() {
    return spread(nanos);
  }

  /** Returns how often this contender's time goes into another's, round by round. */
  double[] ratios(Timing other) {
    double[] ratios = new double[Math.min(nanos.length, other.nanos.length)];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = other.nanos[i] / nanos[i];
    }
    return ratios;
  }

  static double spread(double[] values) {
    return (quantile(values, 0.75) - quantile(values, 0.25)) / quantile(values, 0.5);
  }

  /** Returns a quantile, linear between values. */
  static double quantile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
