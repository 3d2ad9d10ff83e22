package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Reduction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The F32 reductions on vectors. */
final class SimdSegments {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  private SimdSegments() {}

  /** Returns the loop of a reduction other than LOG_SUM_EXP. */
  static Segment of(Reduction reduction) {
    return switch (reduction) {
      case SUM -> (a, i, n, out, o) -> ((float[]) out)[o] = sum((float[]) a, i, n);
      case MAX -> (a, i, n, out, o) -> ((float[]) out)[o] = max((float[]) a, i, n);
      case MIN -> (a, i, n, out, o) -> ((float[]) out)[o] = min((float[]) a, i, n);
      case PROD, LOG_SUM_EXP -> Segment.of(reduction, DType.F32);
    };
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

  /** Adds up the 16 partial sums in pairs; vectors that they do not reach are ignored. */
  static float total(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    float[] s = new float[LANES];
    s0.intoArray(s, 0);
    if (L <= LANES / 2) {
      s1.intoArray(s, L);
    }
    if (L <= LANES / 4) {
      s2.intoArray(s, 2 * L);
      s3.intoArray(s, 3 * L);
    }
    float even = ((s[0] + s[8]) + (s[4] + s[12])) + ((s[2] + s[10]) + (s[6] + s[14]));
    float odd = ((s[1] + s[9]) + (s[5] + s[13])) + ((s[3] + s[11]) + (s[7] + s[15]));
    return even + odd;
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
}
