package dev.quern.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The passes of a softmax on vectors. */
final class SimdSoftmaxLoops {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();

  /** Below this, the remainders of a quotient by up to 2^31 may not be exact. */
  private static final float TINY = 0x1p-90f;

  private SimdSoftmaxLoops() {}

  /** Returns both passes. */
  static SoftmaxLoops create() {
    return new SoftmaxLoops(SimdSoftmaxLoops::exp, SimdSoftmaxLoops::divide);
  }

  private static float exp(float[] a, int i, float max, float[] o, int k, int n) {
    FloatVector m = FloatVector.broadcast(S, max);
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int added = n / Segment.LANES * Segment.LANES;
    for (int x = 0; x < added; x += L) {
      FloatVector e = F32Simd.exp(FloatVector.fromArray(S, a, i + x).sub(m));
      e.intoArray(o, k + x);
      // Partial sums in as many vectors as they take, which take turns.
      FloatVector s = s0.add(e);
      if (L == Segment.LANES) {
        s0 = s;
      } else if (L == Segment.LANES / 2) {
        s0 = s1;
        s1 = s;
      } else {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
      }
    }
    int whole = n / L * L;
    for (int x = added; x < whole; x += L) {
      F32Simd.exp(FloatVector.fromArray(S, a, i + x).sub(m)).intoArray(o, k + x);
    }
    for (int x = whole; x < n; x++) {
      o[k + x] = F32.exp(a[i + x] - max);
    }
    if (added == 0) {
      return Segment.sum(o, k, n);
    }
    float rest = 0;
    for (int x = added; x < n; x++) {
      rest += o[k + x];
    }
    return SimdSegments.total(s0, s1, s2, s3) + rest;
  }

  // A division of vectors takes as long as ten multiplications. A quotient refined twice with its
  // exact remainder is the correctly rounded one (Markstein 1990), if nothing underflows.
  private static float divide(float[] a, int i, float sum, float[] o, int k, int n) {
    FloatVector s = FloatVector.broadcast(S, sum);
    FloatVector y = FloatVector.broadcast(S, 1 / sum);
    FloatVector negative = s.neg();
    int whole = n / L * L;
    for (int x = 0; x < whole; x += L) {
      FloatVector e = FloatVector.fromArray(S, a, i + x);
      FloatVector q = e.mul(y);
      q = negative.fma(q, e).fma(y, q);
      q = negative.fma(q, e).fma(y, q);
      if (e.compare(VectorOperators.LT, TINY).anyTrue()) {
        q = e.div(s);
      }
      q.intoArray(o, k + x);
    }
    for (int x = whole; x < n; x++) {
      o[k + x] = a[i + x] / sum;
    }
    return 0;
  }
}
