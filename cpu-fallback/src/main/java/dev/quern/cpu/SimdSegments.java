package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Reduction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The reductions of F32 on vectors. */
final class SimdSegments {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  private static final VectorShuffle<Float> BY_8 = turned(8);
  private static final VectorShuffle<Float> BY_4 = turned(4);
  private static final VectorShuffle<Float> BY_2 = turned(2);
  private static final VectorShuffle<Float> BY_1 = turned(1);

  private SimdSegments() {}

  private static VectorShuffle<Float> turned(int by) {
    return VectorShuffle.fromOp(S, lane -> (lane + by) % L);
  }

  /** Returns the loop of a reduction other than LOG_SUM_EXP. */
  static Segment of(Reduction reduction) {
    return switch (reduction) {
      case SUM ->
          (a, i, step, runs, n, out, o) -> sums((float[]) a, i, step, runs, n, (float[]) out, o);
      case MAX -> Segment.<float[]>each((a, i, n, out, o) -> out[o] = max(a, i, n));
      case MIN -> Segment.<float[]>each((a, i, n, out, o) -> out[o] = min(a, i, n));
      case PROD, LOG_SUM_EXP -> Segment.of(reduction, DType.F32);
    };
  }

  private static void sums(float[] a, int i, int step, int runs, int n, float[] out, int o) {
    int r = 0;
    if (L >= LANES / 2 && n >= LANES) {
      for (; r <= runs - 4; r += 4) {
        fourSums(a, i + r * step, step, n, out, o + r);
      }
    }
    for (; r < runs; r++) {
      out[o + r] = sum(a, i + r * step, n);
    }
  }

  // Four runs at a time: neither the length of an addition nor that of a read of memory counts.
  private static void fourSums(float[] a, int i, int step, int n, float[] out, int o) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector t0 = s0;
    FloatVector t1 = s0;
    FloatVector t2 = s0;
    FloatVector t3 = s0;
    int i1 = i + step;
    int i2 = i1 + step;
    int i3 = i2 + step;
    int whole = n / LANES * LANES;
    for (int x = 0; x < whole; x += LANES) {
      s0 = s0.add(FloatVector.fromArray(S, a, i + x));
      s1 = s1.add(FloatVector.fromArray(S, a, i1 + x));
      s2 = s2.add(FloatVector.fromArray(S, a, i2 + x));
      s3 = s3.add(FloatVector.fromArray(S, a, i3 + x));
      if (L <= LANES / 2) {
        t0 = t0.add(FloatVector.fromArray(S, a, i + x + L));
        t1 = t1.add(FloatVector.fromArray(S, a, i1 + x + L));
        t2 = t2.add(FloatVector.fromArray(S, a, i2 + x + L));
        t3 = t3.add(FloatVector.fromArray(S, a, i3 + x + L));
      }
    }
    float r0 = 0;
    float r1 = 0;
    float r2 = 0;
    float r3 = 0;
    for (int x = whole; x < n; x++) {
      r0 += a[i + x];
      r1 += a[i1 + x];
      r2 += a[i2 + x];
      r3 += a[i3 + x];
    }
    out[o] = total(s0, t0, s0, s0) + r0;
    out[o + 1] = total(s1, t1, s1, s1) + r1;
    out[o + 2] = total(s2, t2, s2, s2) + r2;
    out[o + 3] = total(s3, t3, s3, s3) + r3;
  }

  private static float sum(float[] a, int i, int n) {
    if (n < LANES) {
      return Segment.sum(a, i, n);
    }
    // The 16 partial sums of the plain loop, in as many vectors as they take.
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = n / LANES * LANES;
    for (int x = i; x < i + whole; x += LANES) {
      s0 = s0.add(FloatVector.fromArray(S, a, x));
      if (L <= LANES / 2) {
        s1 = s1.add(FloatVector.fromArray(S, a, x + L));
      }
      if (L <= LANES / 4) {
        s2 = s2.add(FloatVector.fromArray(S, a, x + 2 * L));
        s3 = s3.add(FloatVector.fromArray(S, a, x + 3 * L));
      }
    }
    float rest = 0;
    for (int x = whole; x < n; x++) {
      rest += a[i + x];
    }
    return total(s0, s1, s2, s3) + rest;
  }

  /**
   * Adds up the 16 partial sums, each with the one half of them further on until one is left;
   * vectors that they do not reach are ignored. Within vectors: an array would be new memory for
   * every sum, which takes longer to reach than the sum takes.
   */
  static float total(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector sum = s0;
    if (L == LANES) {
      sum = sum.add(sum.rearrange(BY_8));
    } else if (L == LANES / 2) {
      sum = sum.add(s1);
    } else {
      sum = sum.add(s2).add(s1.add(s3));
    }
    if (L >= LANES / 2) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    sum = sum.add(sum.rearrange(BY_2));
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  // Four at once hide how long one takes; what is looked at twice changes nothing.
  private static float max(float[] a, int i, int n) {
    if (n < L) {
      return Segment.max(a, i, n);
    }
    FloatVector m0 = FloatVector.fromArray(S, a, i);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int end = i + n;
    int x = i + L;
    for (; x <= end - 4 * L; x += 4 * L) {
      m0 = m0.max(FloatVector.fromArray(S, a, x));
      m1 = m1.max(FloatVector.fromArray(S, a, x + L));
      m2 = m2.max(FloatVector.fromArray(S, a, x + 2 * L));
      m3 = m3.max(FloatVector.fromArray(S, a, x + 3 * L));
    }
    for (; x <= end - L; x += L) {
      m0 = m0.max(FloatVector.fromArray(S, a, x));
    }
    m1 = m1.max(FloatVector.fromArray(S, a, end - L));
    return m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
  }

  private static float min(float[] a, int i, int n) {
    if (n < L) {
      return Segment.min(a, i, n);
    }
    FloatVector m0 = FloatVector.fromArray(S, a, i);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int end = i + n;
    int x = i + L;
    for (; x <= end - 4 * L; x += 4 * L) {
      m0 = m0.min(FloatVector.fromArray(S, a, x));
      m1 = m1.min(FloatVector.fromArray(S, a, x + L));
      m2 = m2.min(FloatVector.fromArray(S, a, x + 2 * L));
      m3 = m3.min(FloatVector.fromArray(S, a, x + 3 * L));
    }
    for (; x <= end - L; x += L) {
      m0 = m0.min(FloatVector.fromArray(S, a, x));
    }
    m1 = m1.min(FloatVector.fromArray(S, a, end - L));
    return m0.min(m1).min(m2.min(m3)).reduceLanes(VectorOperators.MIN);
  }

  /** The loop of {@link EightRows}. */
  static void eightRows(float[] a, int i, int step, float[] o, int n) {
    int i1 = i + step;
    int i2 = i1 + step;
    int i3 = i2 + step;
    int i4 = i3 + step;
    int i5 = i4 + step;
    int i6 = i5 + step;
    int i7 = i6 + step;
    int whole = n / L * L;
    for (int x = 0; x < whole; x += L) {
      FloatVector s0 = FloatVector.fromArray(S, a, i + x).add(FloatVector.fromArray(S, a, i1 + x));
      FloatVector s1 = FloatVector.fromArray(S, a, i2 + x).add(FloatVector.fromArray(S, a, i3 + x));
      FloatVector s2 = FloatVector.fromArray(S, a, i4 + x).add(FloatVector.fromArray(S, a, i5 + x));
      FloatVector s3 = FloatVector.fromArray(S, a, i6 + x).add(FloatVector.fromArray(S, a, i7 + x));
      s0.add(s1).add(s2.add(s3)).intoArray(o, x);
    }
    for (int x = whole; x < n; x++) {
      o[x] =
          ((a[i + x] + a[i1 + x]) + (a[i2 + x] + a[i3 + x]))
              + ((a[i4 + x] + a[i5 + x]) + (a[i6 + x] + a[i7 + x]));
    }
  }
}
