package dev.quern.trainer.verify;

import dev.quern.Tensor;
import dev.quern.io.NpyArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Compares what was computed with what was expected, and remembers the largest difference. */
final class Comparison {
  private final List<String> problems = new ArrayList<>();
  private boolean measured;
  private double largest;

  /** Returns the largest difference measured so far, NaN if there was nothing to measure. */
  double largest() {
    return measured ? largest : Double.NaN;
  }

  /** Returns what does not agree; empty if all does. */
  String problem() {
    return String.join("; ", problems);
  }

  /** Notes something that does not agree. */
  void fail(String problem) {
    problems.add(problem);
  }

  /**
   * Compares elements under {@code |got - want| <= atol + rtol * |want|}; integers and booleans
   * must be equal, as must infinities, and NaN equals NaN.
   */
  void close(String what, Tensor got, NpyArray want, double rtol, double atol) {
    if (got.dtype() != want.dtype() || !got.shape().equals(want.shape())) {
      fail(
          String.format(
              Locale.ROOT,
              "%s: got %s %s, wanted %s %s",
              what,
              got.dtype(),
              got.shape(),
              want.dtype(),
              want.shape()));
    } else if (want.dtype().isFloat()) {
      double[] expected = want.toDoubleArray();
      double[] bounds = new double[expected.length];
      for (int i = 0; i < bounds.length; i++) {
        bounds[i] = atol + rtol * Math.abs(expected[i]);
      }
      within(what, got, expected, bounds);
    } else {
      exact(what, got, longs(want));
    }
  }

  /** Compares elements, each with its own bound on the absolute difference. */
  void within(String what, Tensor got, double[] want, double[] bounds) {
    double[] values = got.toDoubleArray();
    double[] differences = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      differences[i] = apart(values[i], want[i]);
    }
    judge(what, got.shape().dims(), differences, bounds, i -> facts(values[i], want[i]));
  }

  /**
   * Compares under the measure {@code |got - want| / max(1, |want|)}, the one by which training
   * trajectories are judged.
   */
  void scaled(String what, double[] got, double[] want, double bar) {
    if (got.length != want.length) {
      fail(what + ": got " + got.length + " values, wanted " + want.length);
      return;
    }
    double[] differences = new double[got.length];
    double[] bounds = new double[got.length];
    for (int i = 0; i < got.length; i++) {
      double difference = apart(got[i], want[i]);
      differences[i] = difference == 0 ? 0 : difference / Math.max(1, Math.abs(want[i]));
      // Infinity against a finite value gives Infinity / x or NaN: neither is within a bar.
      differences[i] = Double.isNaN(differences[i]) ? Double.POSITIVE_INFINITY : differences[i];
      bounds[i] = bar;
    }
    judge(what, new long[] {got.length}, differences, bounds, i -> facts(got[i], want[i]));
  }

  /** Compares integers or truth values, which must be equal. */
  void exact(String what, Tensor got, long[] want) {
    long[] values = got.toLongArray();
    double[] differences = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      boolean same = values[i] == want[i];
      differences[i] = same ? 0 : Math.max(1, Math.abs((double) values[i] - want[i]));
    }
    judge(
        what,
        got.shape().dims(),
        differences,
        new double[values.length],
        i -> "got " + values[i] + ", wanted " + want[i]);
  }

  /** Compares the signs of zeros, which all other comparisons take for equal. */
  void zeros(String what, double[] got, double[] want) {
    for (int i = 0; i < got.length; i++) {
      if (got[i] == 0 && want[i] == 0 && 1 / got[i] != 1 / want[i]) {
        fail(what + " at [" + i + "]: " + facts(got[i], want[i]));
        return;
      }
    }
  }

  private void judge(
      String what, long[] dims, double[] differences, double[] bounds, IntFunction<String> facts) {
    int wrong = 0;
    int first = -1;
    double worst = 0;
    for (int i = 0; i < differences.length; i++) {
      worst = Math.max(worst, differences[i]);
      // The bound of an infinite or NaN expectation is no help: only its like is near it.
      boolean near = differences[i] <= bounds[i] && differences[i] < Double.POSITIVE_INFINITY;
      if (differences[i] != 0 && !near) {
        first = wrong == 0 ? i : first;
        wrong++;
      }
    }
    measured |= differences.length > 0;
    largest = Math.max(largest, worst);
    if (wrong > 0) {
      fail(
          String.format(
              Locale.ROOT,
              "%s%s: %s (%d of %d differ, by %s at most)",
              what,
              position(dims, first),
              facts.apply(first),
              wrong,
              differences.length,
              (float) worst));
    }
  }

  private static String facts(double got, double want) {
    return "got " + got + ", wanted " + want;
  }

  private static String position(long[] dims, int flat) {
    long[] at = new long[dims.length];
    long rest = flat;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      at[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    return dims.length == 0 ? "" : " at " + Arrays.toString(at);
  }

  private static double apart(double got, double want) {
    if (got == want || (Double.isNaN(got) && Double.isNaN(want))) {
      return 0;
    }
    double difference = Math.abs(got - want);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static long[] longs(NpyArray array) {
    return switch (array.dtype()) {
      case I64 -> (long[]) array.data();
      case I32 -> Arrays.stream((int[]) array.data()).asLongStream().toArray();
      case BOOL, F16, BF16, F32, F64 ->
          Arrays.stream(array.toDoubleArray()).mapToLong(value -> (long) value).toArray();
    };
  }
}
