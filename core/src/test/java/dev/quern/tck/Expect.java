package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Comparisons that say where, by how much and against what bound a result is wrong. */
final class Expect {
  private Expect() {}

  /** Checks type, shape and every bit, except that any NaN equals any other. */
  static void same(Values expected, Tensor actual) {
    same("", expected, actual);
  }

  /** Checks as {@link #same(Values, Tensor)}; {@code what} says what failed. */
  static void same(String what, Values expected, Tensor actual) {
    same(what, expected, Values.read(actual));
  }

  static void same(String what, Values expected, Values actual) {
    checkShape(what, expected, actual);
    Report report = new Report(what, expected, actual);
    for (int i = 0; i < expected.size(); i++) {
      boolean equal =
          expected.dtype().isFloat()
              // doubleToLongBits has one NaN and two zeros.
              ? Double.doubleToLongBits(expected.real(i)) == Double.doubleToLongBits(actual.real(i))
              : expected.integer(i) == actual.integer(i);
      if (!equal) {
        report.differs(i, Double.NaN);
      }
    }
    report.finish();
  }

  /**
   * Checks results against true values.
   *
   * @param exact the true values in double, not rounded to the result's type
   * @param allowed the greatest absolute error of element i
   */
  static void near(String what, Values exact, IntToDoubleFunction allowed, Tensor actual) {
    near(what, exact, allowed, Values.read(actual), actual.dtype());
  }

  static void near(
      String what, Values exact, IntToDoubleFunction allowed, Values actual, DType dtype) {
    checkShape(what, exact.dtype() == dtype ? exact : exact.cast(dtype), actual);
    Report report = new Report(what, exact, actual);
    for (int i = 0; i < exact.size(); i++) {
      double want = exact.real(i);
      double got = actual.real(i);
      double bound = Double.isFinite(want) ? allowed.applyAsDouble(i) : 0;
      if (!isNear(want, got, bound, dtype)) {
        report.differs(i, bound);
      }
    }
    report.finish();
  }

  /** Checks within a relative and an absolute tolerance. */
  static void close(String what, Values exact, double relative, double absolute, Tensor actual) {
    near(what, exact, i -> absolute + relative * Math.abs(exact.real(i)), actual);
  }

  static boolean isNear(double exact, double actual, double bound, DType dtype) {
    double rounded = Rounding.round(dtype, exact);
    if (Double.isNaN(rounded) || Double.isInfinite(exact) || (exact == 0 && bound == 0)) {
      return Double.doubleToLongBits(rounded) == Double.doubleToLongBits(actual);
    }
    if (Double.doubleToLongBits(rounded) == Double.doubleToLongBits(actual)) {
      return true;
    }
    if (bound == 0 || Double.isNaN(actual)) {
      return false;
    }
    boolean underflow = Math.abs(exact) <= Bound.tiny(dtype);
    if (actual == 0 && underflow && exact != 0) {
      return Math.copySign(1, actual) == Math.copySign(1, exact);
    }
    // Infinity counts as the first number that is too large.
    double got = actual;
    if (Double.isInfinite(actual)) {
      got = Math.copySign(tooLarge(dtype), actual);
    }
    return Math.abs(got - exact) <= bound;
  }

  private static double tooLarge(DType dtype) {
    return dtype == DType.F64 ? Double.MAX_VALUE : Math.scalb(1.0, Rounding.maxExponent(dtype) + 1);
  }

  private static void checkShape(String what, Values expected, Values actual) {
    if (expected.dtype() != actual.dtype() || !Arrays.equals(expected.dims(), actual.dims())) {
      throw new AssertionError(
          what
              + ": expected "
              + expected.dtype()
              + " "
              + Arrays.toString(expected.dims())
              + " but was "
              + actual.dtype()
              + " "
              + Arrays.toString(actual.dims()));
    }
  }

  /** Collects differences: the first in full, then their number and the greatest. */
  private static final class Report {
    private final String what;
    private final Values expected;
    private final Values actual;
    private int count;
    private int first = -1;
    private double firstBound;
    private int worst = -1;
    private double worstError = -1;

    Report(String what, Values expected, Values actual) {
      this.what = what;
      this.expected = expected;
      this.actual = actual;
    }

    void differs(int i, double bound) {
      if (count++ == 0) {
        first = i;
        firstBound = bound;
      }
      double error = Math.abs(expected.real(i) - actual.real(i));
      if (error > worstError) {
        worstError = error;
        worst = i;
      }
    }

    void finish() {
      if (count == 0) {
        return;
      }
      StringBuilder text = new StringBuilder(what.isEmpty() ? "values" : what);
      text.append(": ").append(count).append(" of ").append(expected.size());
      text.append(" elements differ; first at ").append(describe(first));
      if (firstBound > 0) {
        text.append(", allowed ").append(firstBound);
      }
      if (worst >= 0 && worst != first) {
        text.append("; greatest difference at ").append(describe(worst));
      }
      throw new AssertionError(text.toString());
    }

    private String describe(int i) {
      String place = Arrays.toString(actual.place(i));
      if (!actual.dtype().isFloat()) {
        return place + ": expected " + expected.integer(i) + " but was " + actual.integer(i);
      }
      double want = expected.real(i);
      double got = actual.real(i);
      double ulps =
          Math.abs(want - got) / Bound.ulp(Double.isFinite(want) ? want : 1, actual.dtype());
      return place + ": expected " + want + " but was " + got + " (" + (float) ulps + " ulp)";
    }
  }
}
