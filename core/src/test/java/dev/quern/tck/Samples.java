package dev.quern.tck;

import dev.quern.DType;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** Deterministic test values: edge cases, and random values that a fixed seed repeats. */
final class Samples {
  private static final double[] SPECIAL = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2,
    -2,
    2.5,
    -2.5,
    3,
    -3,
    10,
    -10,
    88.5,
    -88.5,
    709,
    -745,
    1e-3,
    -1e-3,
    1e-6,
    1e6,
    -1e6,
    8388607.5,
    -8388607.5,
    16777216,
    1e10,
    -1e10,
    2147483647.0,
    -2147483648.0,
    9.3e18,
    -9.3e18
  };

  private static final long[] SPECIAL_INTEGERS = {
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    7,
    -7,
    10,
    31,
    32,
    33,
    -63,
    64,
    100,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE - 1,
    Integer.MIN_VALUE + 1
  };

  private Samples() {}

  /** Returns the values of a type that are most often got wrong. */
  static double[] special(DType dtype) {
    double max = Rounding.max(dtype);
    double normal = Rounding.minNormal(dtype);
    double tiny = Rounding.minValue(dtype);
    double[] extremes = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      max,
      -max,
      normal,
      -normal,
      normal / 2,
      -normal / 2,
      tiny,
      -tiny,
      tiny * 3
    };
    double[] out = java.util.Arrays.copyOf(extremes, extremes.length + SPECIAL.length);
    System.arraycopy(SPECIAL, 0, out, extremes.length, SPECIAL.length);
    return out;
  }

  /** Returns few values for operations whose operands are all combined. */
  static double[] fewSpecial(DType dtype) {
    double tiny = Rounding.minValue(dtype);
    return new double[] {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -2.5, tiny
    };
  }

  /** Returns edge cases of I32 or I64; of BOOL both values. */
  static long[] specialIntegers(DType dtype) {
    if (dtype == DType.BOOL) {
      return new long[] {0, 1};
    }
    if (dtype == DType.I32) {
      return SPECIAL_INTEGERS.clone();
    }
    long[] out = java.util.Arrays.copyOf(SPECIAL_INTEGERS, SPECIAL_INTEGERS.length + 6);
    long[] wide = {
      Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, 1L << 40, -(1L << 53) - 1, 4_294_967_296L
    };
    System.arraycopy(wide, 0, out, SPECIAL_INTEGERS.length, wide.length);
    return out;
  }

  /** Returns random values of any type: floating ones drawn by {@code draw}, integers mixed. */
  static Values random(
      DType dtype, long seed, ToDoubleFunction<SplittableRandom> draw, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = Values.count(dims);
    if (dtype.isFloat()) {
      double[] values = new double[n];
      for (int i = 0; i < n; i++) {
        values[i] = draw.applyAsDouble(random);
      }
      return Values.reals(dtype, values, dims);
    }
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = integer(dtype, random);
    }
    return Values.integers(dtype, values, dims);
  }

  private static long integer(DType dtype, SplittableRandom random) {
    if (dtype == DType.BOOL) {
      return random.nextInt(2);
    }
    // Mostly small, so that quotients and powers are not all trivial.
    return switch (random.nextInt(4)) {
      case 0 -> dtype == DType.I32 ? random.nextInt() : random.nextLong();
      case 1 -> random.nextInt(-1000, 1000);
      default -> random.nextInt(-12, 13);
    };
  }

  /** Returns floating values uniform in [low, high). */
  static Values uniform(DType dtype, long seed, double low, double high, long... dims) {
    return random(dtype, seed, r -> low + (high - low) * r.nextDouble(), dims);
  }

  /** Returns small whole numbers in [-range, range], of any type: sums of them are exact. */
  static Values whole(DType dtype, long seed, int range, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[Values.count(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = dtype == DType.BOOL ? random.nextInt(2) : random.nextInt(-range, range + 1);
    }
    return Values.filled(dtype, values, dims);
  }

  /** Returns index values in [low, high) as I32 or I64. */
  static Values indices(DType dtype, long seed, long low, long high, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] values = new long[Values.count(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextLong(low, high);
    }
    return Values.integers(dtype, values, dims);
  }
}
