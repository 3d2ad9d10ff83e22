package dev.quern.tck;

import dev.quern.DType;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Which elements of an array a reduction combines into which element of the result. */
final class Groups {
  /** For each result the places of its elements in the input, in row-major order. */
  final int[][] members;

  private final long[] keptDims;
  private final long[] resultDims;

  Groups(long[] dims, boolean[] reduced) {
    int rank = dims.length;
    keptDims = dims.clone();
    int kept = 0;
    for (int i = 0; i < rank; i++) {
      if (reduced[i]) {
        keptDims[i] = 1;
      } else {
        kept++;
      }
    }
    resultDims = new long[kept];
    for (int i = 0, k = 0; i < rank; i++) {
      if (!reduced[i]) {
        resultDims[k++] = dims[i];
      }
    }
    int results = Values.count(resultDims);
    int total = Values.count(dims);
    int each = results == 0 ? 0 : total / results;
    members = new int[results][each];
    int[] filled = new int[results];
    long[] strides = Values.strides(keptDims);
    for (int i = 0; i < total; i++) {
      long rest = i;
      long out = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        if (!reduced[axis]) {
          out += rest % dims[axis] * strides[axis];
        }
        rest /= dims[axis];
      }
      members[(int) out][filled[(int) out]++] = i;
    }
  }

  /** Returns flags of the named axes, all if none are named. */
  static boolean[] flags(int rank, int... axes) {
    boolean[] flags = new boolean[rank];
    if (axes.length == 0) {
      Arrays.fill(flags, true);
    }
    for (int axis : axes) {
      flags[axis < 0 ? axis + rank : axis] = true;
    }
    return flags;
  }

  long[] dims(boolean keepDims) {
    return keepDims ? keptDims.clone() : resultDims.clone();
  }

  /** Returns a function of each group's elements, unrounded. */
  Values reals(Values values, boolean keepDims, ToDoubleFunction<double[]> function) {
    double[] out = new double[members.length];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          function.applyAsDouble(Arrays.stream(members[i]).mapToDouble(values::real).toArray());
    }
    return Values.of(out, dims(keepDims));
  }

  /** Returns a function of each group's integer elements. */
  Values integers(Values values, boolean keepDims, DType dtype, ToLongFunction<long[]> function) {
    long[] out = new long[members.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = function.applyAsLong(Arrays.stream(members[i]).mapToLong(values::integer).toArray());
    }
    return Values.integers(dtype, out, dims(keepDims));
  }

  /** Returns the sum to about twice double's precision. */
  static double sum(double... x) {
    double sum = 0;
    double lost = 0;
    double plain = 0;
    for (double value : x) {
      double next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
      plain += value;
    }
    return Double.isFinite(plain) ? sum + lost : plain;
  }

  static double product(double... x) {
    double product = 1;
    for (double value : x) {
      product *= value;
    }
    return product;
  }

  static double max(double... x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      max = Math.max(max, value);
    }
    return max;
  }

  static double min(double... x) {
    double min = Double.POSITIVE_INFINITY;
    for (double value : x) {
      min = Math.min(min, value);
    }
    return min;
  }

  static double logSumExp(double... x) {
    double max = max(x);
    if (Double.isInfinite(max) || Double.isNaN(max)) {
      return max;
    }
    double[] e = new double[x.length];
    for (int i = 0; i < e.length; i++) {
      e[i] = StrictMath.exp(x[i] - max);
    }
    return max + StrictMath.log(sum(e));
  }

  static double mean(double... x) {
    return sum(x) / x.length;
  }

  /** Returns sum (x - mean)^2 / (n - ddof). */
  static double variance(int ddof, double... x) {
    double mean = mean(x);
    double[] squares = new double[x.length];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = (x[i] - mean) * (x[i] - mean);
    }
    return sum(squares) / ((double) x.length - ddof);
  }

  /** Returns the place of the first greatest or least element; a NaN beats every number. */
  static long arg(boolean greatest, double... x) {
    int best = 0;
    for (int i = 1; i < x.length; i++) {
      boolean better = greatest ? x[i] > x[best] : x[i] < x[best];
      if (!Double.isNaN(x[best]) && (better || Double.isNaN(x[i]))) {
        best = i;
      }
    }
    return best;
  }
}
