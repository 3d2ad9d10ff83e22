package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Reduction;

/**
 * Reduces runs of elements to one each: {@code out[o + r] = f(a[i + r * step], ..., a[i + r * step
 * + n - 1])} for {@code r} from 0 to {@code runs - 1}, n at least 1.
 *
 * <p>A floating sum is made of 16 partial sums, of every 16th element each, which are then added in
 * pairs; the rest of the run, fewer than 16 elements, comes last. SIMD keeps to the same order.
 */
@FunctionalInterface
interface Segment {
  /** The number of partial sums. */
  int LANES = 16;

  /** Runs over an array of the type that the loop was made for. */
  void run(Object a, int i, int step, int runs, int n, Object out, int o);

  /** Reduces one run. */
  default void run(Object a, int i, int n, Object out, int o) {
    run(a, i, n, 1, n, out, o);
  }

  /** A loop over one run at a time. */
  @FunctionalInterface
  interface Single<A> {
    void run(A a, int i, int n, A out, int o);
  }

  /** Returns the loop that does runs one after the other, with its arrays' type erased. */
  @SuppressWarnings("unchecked") // Whoever picks a loop by type passes arrays of that type.
  static <A> Segment each(Single<A> f) {
    return (a, i, step, runs, n, out, o) -> {
      for (int r = 0; r < runs; r++) {
        f.run((A) a, i + r * step, n, (A) out, o + r);
      }
    };
  }

  /** Returns the plain loop of a reduction other than LOG_SUM_EXP. */
  static Segment of(Reduction reduction, DType dtype) {
    return switch (dtype) {
      case F16, BF16 -> throw new AssertionError(dtype);
      case F32 -> Segment.<float[]>each((a, i, n, out, o) -> out[o] = reduce(reduction, a, i, n));
      case F64 -> Segment.<double[]>each((a, i, n, out, o) -> out[o] = reduce(reduction, a, i, n));
      case I32 -> Segment.<int[]>each((a, i, n, out, o) -> out[o] = reduce(reduction, a, i, n));
      case I64 -> Segment.<long[]>each((a, i, n, out, o) -> out[o] = reduce(reduction, a, i, n));
      case BOOL -> Segment.<byte[]>each((a, i, n, out, o) -> out[o] = reduce(reduction, a, i, n));
    };
  }

  private static float reduce(Reduction reduction, float[] a, int i, int n) {
    return switch (reduction) {
      case SUM -> sum(a, i, n);
      case PROD -> {
        float p = a[i];
        for (int x = 1; x < n; x++) {
          p *= a[i + x];
        }
        yield p;
      }
      case MAX -> max(a, i, n);
      case MIN -> min(a, i, n);
      case LOG_SUM_EXP -> throw new AssertionError(reduction);
    };
  }

  private static double reduce(Reduction reduction, double[] a, int i, int n) {
    return switch (reduction) {
      case SUM -> sum(a, i, n);
      case PROD -> {
        double p = a[i];
        for (int x = 1; x < n; x++) {
          p *= a[i + x];
        }
        yield p;
      }
      case MAX -> max(a, i, n);
      case MIN -> {
        double m = a[i];
        for (int x = 1; x < n; x++) {
          m = Math.min(m, a[i + x]);
        }
        yield m;
      }
      case LOG_SUM_EXP -> throw new AssertionError(reduction);
    };
  }

  private static int reduce(Reduction reduction, int[] a, int i, int n) {
    int r = a[i];
    switch (reduction) {
      case SUM -> {
        for (int x = 1; x < n; x++) {
          r += a[i + x];
        }
      }
      case PROD -> {
        for (int x = 1; x < n; x++) {
          r *= a[i + x];
        }
      }
      case MAX -> {
        for (int x = 1; x < n; x++) {
          r = Math.max(r, a[i + x]);
        }
      }
      case MIN -> {
        for (int x = 1; x < n; x++) {
          r = Math.min(r, a[i + x]);
        }
      }
      case LOG_SUM_EXP -> throw new AssertionError(reduction);
    }
    return r;
  }

  private static long reduce(Reduction reduction, long[] a, int i, int n) {
    long r = a[i];
    switch (reduction) {
      case SUM -> {
        for (int x = 1; x < n; x++) {
          r += a[i + x];
        }
      }
      case PROD -> {
        for (int x = 1; x < n; x++) {
          r *= a[i + x];
        }
      }
      case MAX -> {
        for (int x = 1; x < n; x++) {
          r = Math.max(r, a[i + x]);
        }
      }
      case MIN -> {
        for (int x = 1; x < n; x++) {
          r = Math.min(r, a[i + x]);
        }
      }
      case LOG_SUM_EXP -> throw new AssertionError(reduction);
    }
    return r;
  }

  private static byte reduce(Reduction reduction, byte[] a, int i, int n) {
    assert reduction == Reduction.MAX || reduction == Reduction.MIN;
    // The one value that decides.
    int decisive = reduction == Reduction.MAX ? 1 : 0;
    for (int x = 0; x < n; x++) {
      if (a[i + x] == decisive) {
        return (byte) decisive;
      }
    }
    return (byte) (1 - decisive);
  }

  /** Returns the sum of a run. */
  static float sum(float[] a, int i, int n) {
    int end = i + n;
    float rest = 0;
    for (int x = i + n / LANES * LANES; x < end; x++) {
      rest += a[x];
    }
    if (n < LANES) {
      return rest;
    }
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    float s8 = 0;
    float s9 = 0;
    float s10 = 0;
    float s11 = 0;
    float s12 = 0;
    float s13 = 0;
    float s14 = 0;
    float s15 = 0;
    for (int x = i; x <= end - LANES; x += LANES) {
      s0 += a[x];
      s1 += a[x + 1];
      s2 += a[x + 2];
      s3 += a[x + 3];
      s4 += a[x + 4];
      s5 += a[x + 5];
      s6 += a[x + 6];
      s7 += a[x + 7];
      s8 += a[x + 8];
      s9 += a[x + 9];
      s10 += a[x + 10];
      s11 += a[x + 11];
      s12 += a[x + 12];
      s13 += a[x + 13];
      s14 += a[x + 14];
      s15 += a[x + 15];
    }
    float even = ((s0 + s8) + (s4 + s12)) + ((s2 + s10) + (s6 + s14));
    float odd = ((s1 + s9) + (s5 + s13)) + ((s3 + s11) + (s7 + s15));
    return even + odd + rest;
  }

  /** Returns the sum of a run. */
  static double sum(double[] a, int i, int n) {
    int end = i + n;
    double rest = 0;
    for (int x = i + n / 8 * 8; x < end; x++) {
      rest += a[x];
    }
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    for (int x = i; x <= end - 8; x += 8) {
      s0 += a[x];
      s1 += a[x + 1];
      s2 += a[x + 2];
      s3 += a[x + 3];
      s4 += a[x + 4];
      s5 += a[x + 5];
      s6 += a[x + 6];
      s7 += a[x + 7];
    }
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)) + rest;
  }

  /** Returns the greatest element of a run, NaN if any is NaN. */
  static float max(float[] a, int i, int n) {
    float m0 = a[i];
    float m1 = a[i];
    int end = i + n;
    int x = i;
    for (; x < end - 1; x += 2) {
      m0 = Math.max(m0, a[x]);
      m1 = Math.max(m1, a[x + 1]);
    }
    return x < end ? Math.max(Math.max(m0, m1), a[x]) : Math.max(m0, m1);
  }

  /** Returns the least element of a run, NaN if any is NaN. */
  static float min(float[] a, int i, int n) {
    float m = a[i];
    for (int x = 1; x < n; x++) {
      m = Math.min(m, a[i + x]);
    }
    return m;
  }

  /** Returns the greatest element of a run, NaN if any is NaN. */
  static double max(double[] a, int i, int n) {
    double m0 = a[i];
    double m1 = a[i];
    int end = i + n;
    int x = i;
    for (; x < end - 1; x += 2) {
      m0 = Math.max(m0, a[x]);
      m1 = Math.max(m1, a[x + 1]);
    }
    return x < end ? Math.max(Math.max(m0, m1), a[x]) : Math.max(m0, m1);
  }
}
