package dev.quern.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The passes of a softmax on vectors. */
final class SimdSoftmaxLoops implements SoftmaxLoops {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  /** Below this, the remainders of a quotient by up to 2^31 may not be exact. */
  private static final float TINY = 0x1p-90f;

  @Override
  public float expSum(float[] a, int i, float max, float[] o, int k, int n) {
    FloatVector m = FloatVector.broadcast(S, max);
    // The 16 partial sums of a segment, in as many vectors as they take.
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = n / LANES * LANES;
    for (int x = 0; x < whole; x += LANES) {
      FloatVector e = F32Simd.exp(FloatVector.fromArray(S, a, i + x).sub(m));
      e.intoArray(o, k + x);
      s0 = s0.add(e);
      if (L <= LANES / 2) {
        FloatVector f = F32Simd.exp(FloatVector.fromArray(S, a, i + x + L).sub(m));
        f.intoArray(o, k + x + L);
        s1 = s1.add(f);
      }
      if (L <= LANES / 4) {
        FloatVector g = F32Simd.exp(FloatVector.fromArray(S, a, i + x + 2 * L).sub(m));
        g.intoArray(o, k + x + 2 * L);
        s2 = s2.add(g);
        FloatVector h = F32Simd.exp(FloatVector.fromArray(S, a, i + x + 3 * L).sub(m));
        h.intoArray(o, k + x + 3 * L);
        s3 = s3.add(h);
      }
    }
    float rest = 0;
    for (int x = whole; x < n; x++) {
      float e = F32.exp(a[i + x] - max);
      o[k + x] = e;
      rest += e;
    }
    return whole == 0 ? rest : SimdSegments.total(s0, s1, s2, s3) + rest;
  }

  // A division of vectors takes as long as ten multiplications. A quotient refined twice with its
  // exact remainder is the correctly rounded one (Markstein 1990), if nothing underflows.
  @Override
  public void divide(float[] o, int k, float sum, int n) {
    FloatVector s = FloatVector.broadcast(S, sum);
    FloatVector y = FloatVector.broadcast(S, 1 / sum);
    FloatVector negative = s.neg();
    int whole = n / L * L;
    for (int x = 0; x < whole; x += L) {
      FloatVector e = FloatVector.fromArray(S, o, k + x);
      FloatVector q = e.mul(y);
      q = negative.fma(q, e).fma(y, q);
      q = negative.fma(q, e).fma(y, q);
      if (e.compare(VectorOperators.LT, TINY).anyTrue()) {
        q = e.div(s);
      }
      q.intoArray(o, k + x);
    }
    for (int x = whole; x < n; x++) {
      o[k + x] /= sum;
    }
  }
}
