package dev.quern.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops on vectors. */
final class SimdThinLoops implements ThinLoops {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  // A strip of the result stays in registers while all rows are added to it.
  @Override
  public void sum(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k, int n) {
    int x = 0;
    for (; x <= n - 4 * L; x += 4 * L) {
      fourVectors(a, i + x, step, s, j, sStep, rows, c, k + x);
    }
    for (; x <= n - L; x += L) {
      oneVector(a, i + x, step, s, j, sStep, rows, c, k + x);
    }
    for (; x < n; x++) {
      float sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += s[j + r * sStep] * a[i + r * step + x];
      }
      c[k + x] = sum;
    }
  }

  private static void fourVectors(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int r = 0; r < rows; r++) {
      FloatVector scale = FloatVector.broadcast(S, s[j + r * sStep]);
      int from = i + r * step;
      s0 = s0.add(scale.mul(FloatVector.fromArray(S, a, from)));
      s1 = s1.add(scale.mul(FloatVector.fromArray(S, a, from + L)));
      s2 = s2.add(scale.mul(FloatVector.fromArray(S, a, from + 2 * L)));
      s3 = s3.add(scale.mul(FloatVector.fromArray(S, a, from + 3 * L)));
    }
    s0.intoArray(c, k);
    s1.intoArray(c, k + L);
    s2.intoArray(c, k + 2 * L);
    s3.intoArray(c, k + 3 * L);
  }

  private static void oneVector(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k) {
    FloatVector sum = FloatVector.zero(S);
    for (int r = 0; r < rows; r++) {
      FloatVector scale = FloatVector.broadcast(S, s[j + r * sStep]);
      sum = sum.add(scale.mul(FloatVector.fromArray(S, a, i + r * step)));
    }
    sum.intoArray(c, k);
  }

  @Override
  public void dots(
      float[] a, int i, int step, int rows, float[] b, int j, int n, float[] c, int k, int cStep) {
    int r = 0;
    if (L >= LANES / 2 && n >= LANES) {
      for (; r <= rows - 4; r += 4) {
        fourDots(a, i + r * step, step, b, j, n, c, k + r * cStep, cStep);
      }
    }
    for (; r < rows; r++) {
      c[k + r * cStep] = PlainThinLoops.dot(a, i + r * step, b, j, n);
    }
  }

  private static void fourDots(
      float[] a, int i, int step, float[] b, int j, int n, float[] c, int k, int cStep) {
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
      FloatVector with = FloatVector.fromArray(S, b, j + x);
      s0 = s0.add(FloatVector.fromArray(S, a, i + x).mul(with));
      s1 = s1.add(FloatVector.fromArray(S, a, i1 + x).mul(with));
      s2 = s2.add(FloatVector.fromArray(S, a, i2 + x).mul(with));
      s3 = s3.add(FloatVector.fromArray(S, a, i3 + x).mul(with));
      if (L <= LANES / 2) {
        FloatVector more = FloatVector.fromArray(S, b, j + x + L);
        t0 = t0.add(FloatVector.fromArray(S, a, i + x + L).mul(more));
        t1 = t1.add(FloatVector.fromArray(S, a, i1 + x + L).mul(more));
        t2 = t2.add(FloatVector.fromArray(S, a, i2 + x + L).mul(more));
        t3 = t3.add(FloatVector.fromArray(S, a, i3 + x + L).mul(more));
      }
    }
    float r0 = PlainThinLoops.rest(a, i, b, j, whole, n);
    float r1 = PlainThinLoops.rest(a, i1, b, j, whole, n);
    float r2 = PlainThinLoops.rest(a, i2, b, j, whole, n);
    float r3 = PlainThinLoops.rest(a, i3, b, j, whole, n);
    c[k] = SimdSegments.total(s0, t0, s0, s0) + r0;
    c[k + cStep] = SimdSegments.total(s1, t1, s1, s1) + r1;
    c[k + 2 * cStep] = SimdSegments.total(s2, t2, s2, s2) + r2;
    c[k + 3 * cStep] = SimdSegments.total(s3, t3, s3, s3) + r3;
  }
}
