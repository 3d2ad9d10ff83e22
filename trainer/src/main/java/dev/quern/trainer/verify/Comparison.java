package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.io.NpyArray;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison found.
 *
 * @param problem the first difference beyond the tolerance, or null
 * @param difference the greatest absolute difference
 */
record Comparison(@Nullable String problem, double difference) {
  /** Compares shape, type and elements: {@code |got - want| <= atol + rtol * |want|}. */
  static Comparison of(String name, NpyArray want, Tensor got, double rtol, double atol) {
    if (!want.shape().equals(got.shape()) || want.dtype() != got.dtype()) {
      return new Comparison(
          String.format(
              Locale.ROOT,
              "%s: wanted %s %s, got %s %s",
              name,
              want.dtype(),
              want.shape(),
              got.dtype(),
              got.shape()),
          Double.NaN);
    }
    return want.dtype().isFloat()
        ? floats(name, want.toDoubleArray(), got.toDoubleArray(), rtol, atol)
        : exact(name, want, got);
  }

  private static Comparison exact(String name, NpyArray want, Tensor got) {
    Tensor wanted = want.tensor();
    long[] w = wanted.cast(DType.I64).toLongArray();
    long[] g = got.cast(DType.I64).toLongArray();
    for (int i = 0; i < w.length; i++) {
      if (w[i] != g[i]) {
        return new Comparison(
            name + ": element " + i + ": wanted " + w[i] + ", got " + g[i],
            Math.abs((double) w[i] - g[i]));
      }
    }
    return new Comparison(null, 0);
  }

  private static Comparison floats(
      String name, double[] want, double[] got, double rtol, double atol) {
    double worst = 0;
    for (int i = 0; i < want.length; i++) {
      boolean same = want[i] == got[i] || (Double.isNaN(want[i]) && Double.isNaN(got[i]));
      double difference = same ? 0 : Math.abs(got[i] - want[i]);
      if (!same
          && !(difference < Double.POSITIVE_INFINITY
              && difference <= atol + rtol * Math.abs(want[i]))) {
        return new Comparison(
            name + ": element " + i + ": wanted " + want[i] + ", got " + got[i], difference);
      }
      worst = Math.max(worst, difference);
    }
    return new Comparison(null, worst);
  }

  /** Returns max |got - want| / max(1, |want|), NaN if any is. */
  static double scaled(double[] want, double[] got) {
    if (want.length != got.length) {
      return Double.NaN;
    }
    double worst = 0;
    for (int i = 0; i < want.length; i++) {
      double d = Math.abs(got[i] - want[i]) / Math.max(1, Math.abs(want[i]));
      worst = Double.isNaN(d) ? d : Math.max(worst, d);
      if (Double.isNaN(worst)) {
        return worst;
      }
    }
    return worst;
  }
}
