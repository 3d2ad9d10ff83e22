package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Reduction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The reductions of F32 on vectors. */
final class SimdSegments {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  private static final VectorShuffle<Float> SWAP_8 = swapped(8);
  private static final VectorShuffle<Float> SWAP_4 = swapped(4);
  private static final VectorShuffle<Float> SWAP_2 = swapped(2);
  private static final VectorShuffle<Float> SWAP_1 = swapped(1);
  private static final VectorMask<Float> IN_8 = VectorMask.fromLong(S, 0xff00);
  private static final VectorMask<Float> IN_4 = VectorMask.fromLong(S, 0xf0f0);

  private SimdSegments() {}

  private static VectorShuffle<Float> swapped(int by) {
    return VectorShuffle.fromOp(S, lane -> (lane ^ by) % L);
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
    if (L >= LANES / 2 && n >= LANES && runs >= 4) {
      float[] four = new float[LANES];
      for (; r <= runs - 4; r += 4) {
        fourSums(a, i + r * step, step, n, four, out, o + r);
      }
    }
    for (; r < runs; r++) {
      out[o + r] = sum(a, i + r * step, n);
    }
  }

  // Four runs at a time: neither the length of an addition nor that of a read of memory counts.
  private static void fourSums(
      float[] a, int i, int step, int n, float[] four, float[] out, int o) {
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
    if (L == LANES) {
      totals(s0, s1, s2, s3).intoArray(four, 0);
      out[o] = four[place(0)] + r0;
      out[o + 1] = four[place(1)] + r1;
      out[o + 2] = four[place(2)] + r2;
      out[o + 3] = four[place(3)] + r3;
    } else {
      out[o] = total(s0, t0, s0, s0) + r0;
      out[o + 1] = total(s1, t1, s1, s1) + r1;
      out[o + 2] = total(s2, t2, s2, s2) + r2;
      out[o + 3] = total(s3, t3, s3, s3) + r3;
    }
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
      sum = sum.add(sum.rearrange(SWAP_8));
    } else if (L == LANES / 2) {
      sum = sum.add(s1);
    } else {
      sum = sum.add(s2).add(s1.add(s3));
    }
    if (L >= LANES / 2) {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    sum = sum.add(sum.rearrange(SWAP_2));
    return sum.add(sum.rearrange(SWAP_1)).lane(0);
  }

  /**
   * Adds up four times 16 partial sums, each as {@link #total} does, where a vector holds 16; the
   * halves of two and the quarters of four share one. Where more than one of these stands in a loop
   * the compiler gives up on all of its vectors.
   */
  static FloatVector totals(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector t0 = s0.blend(s1, IN_8).add(s1.blend(s0, IN_8).rearrange(SWAP_8));
    FloatVector t1 = s2.blend(s3, IN_8).add(s3.blend(s2, IN_8).rearrange(SWAP_8));
    FloatVector t = t0.blend(t1, IN_4).add(t1.blend(t0, IN_4).rearrange(SWAP_4));
    t = t.add(t.rearrange(SWAP_2));
    return t.add(t.rearrange(SWAP_1));
  }

  /** Returns where {@link #totals} leaves a sum. */
  static int place(int x) {
    return (x & 1) * 8 + (x & 2) * 2;
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
    // The others from where a line of the cache begins.
    int x = i + L - Lines.before(i, Float.BYTES) % L;
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
    // The others from where a line of the cache begins.
    int x = i + L - Lines.before(i, Float.BYTES) % L;
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
