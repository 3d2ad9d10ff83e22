package dev.quern.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops on vectors. */
final class SimdThinLoops implements ThinLoops {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int LANES = Segment.LANES;

  private static final int COLUMNS = 5;

  private final ThinLoops plain = new PlainThinLoops();

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

  // What is left over of four rows is computed several times, at the same place.
  @Override
  public void dots(
      float[] a,
      int i,
      int aRow,
      int rows,
      float[] b,
      int j,
      int bCol,
      int columns,
      int n,
      float[] c,
      int k,
      int cRow) {
    if (L < LANES / 2 || n < LANES) {
      plain.dots(a, i, aRow, rows, b, j, bCol, columns, n, c, k, cRow);
      return;
    }
    float[] sums = new float[COLUMNS * ROWS * LANES];
    for (int r = 0; r < rows; r += ROWS) {
      int last = Math.min(ROWS, rows - r) - 1;
      int from = i + r * aRow;
      int to = k + r * cRow;
      int q = 0;
      for (; L == LANES && q <= columns - COLUMNS; q += COLUMNS) {
        fourByFive(a, from, aRow, last, b, j + q * bCol, bCol, n, sums);
        for (int x = 0; x <= last; x++) {
          for (int y = 0; y < COLUMNS; y++) {
            c[to + x * cRow + q + y] = PlainThinLoops.total(sums, (COLUMNS * x + y) * LANES);
          }
        }
      }
      for (; q < columns; q++) {
        fourByOne(a, from, aRow, last, b, j + q * bCol, n, sums);
        for (int x = 0; x <= last; x++) {
          c[to + x * cRow + q] =
              L == LANES ? sums[SimdSegments.place(x)] : PlainThinLoops.total(sums, x * LANES);
        }
      }
    }
    if (n % LANES != 0) {
      addRests(a, i, aRow, rows, b, j, bCol, columns, n, c, k, cRow);
    }
  }

  private static void addRests(
      float[] a,
      int i,
      int aRow,
      int rows,
      float[] b,
      int j,
      int bCol,
      int columns,
      int n,
      float[] c,
      int k,
      int cRow) {
    int whole = n / LANES * LANES;
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < columns; q++) {
        c[k + r * cRow + q] += PlainThinLoops.rest(a, i + r * aRow, b, j + q * bCol, whole, n);
      }
    }
  }

  private static void fourByFive(
      float[] a, int i, int aRow, int last, float[] b, int j, int bCol, int n, float[] sums) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s03 = zero;
    FloatVector s04 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s13 = zero;
    FloatVector s14 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s22 = zero;
    FloatVector s23 = zero;
    FloatVector s24 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    FloatVector s32 = zero;
    FloatVector s33 = zero;
    FloatVector s34 = zero;
    int i1 = i + Math.min(1, last) * aRow;
    int i2 = i + Math.min(2, last) * aRow;
    int i3 = i + last * aRow;
    int j1 = j + bCol;
    int j2 = j1 + bCol;
    int j3 = j2 + bCol;
    int j4 = j3 + bCol;
    int whole = n / LANES * LANES;
    for (int x = 0; x < whole; x += LANES) {
      FloatVector a0 = FloatVector.fromArray(S, a, i + x);
      FloatVector a1 = FloatVector.fromArray(S, a, i1 + x);
      FloatVector a2 = FloatVector.fromArray(S, a, i2 + x);
      FloatVector a3 = FloatVector.fromArray(S, a, i3 + x);
      FloatVector b0 = FloatVector.fromArray(S, b, j + x);
      s00 = a0.fma(b0, s00);
      s10 = a1.fma(b0, s10);
      s20 = a2.fma(b0, s20);
      s30 = a3.fma(b0, s30);
      FloatVector b1 = FloatVector.fromArray(S, b, j1 + x);
      s01 = a0.fma(b1, s01);
      s11 = a1.fma(b1, s11);
      s21 = a2.fma(b1, s21);
      s31 = a3.fma(b1, s31);
      FloatVector b2 = FloatVector.fromArray(S, b, j2 + x);
      s02 = a0.fma(b2, s02);
      s12 = a1.fma(b2, s12);
      s22 = a2.fma(b2, s22);
      s32 = a3.fma(b2, s32);
      FloatVector b3 = FloatVector.fromArray(S, b, j3 + x);
      s03 = a0.fma(b3, s03);
      s13 = a1.fma(b3, s13);
      s23 = a2.fma(b3, s23);
      s33 = a3.fma(b3, s33);
      FloatVector b4 = FloatVector.fromArray(S, b, j4 + x);
      s04 = a0.fma(b4, s04);
      s14 = a1.fma(b4, s14);
      s24 = a2.fma(b4, s24);
      s34 = a3.fma(b4, s34);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, LANES);
    s02.intoArray(sums, 2 * LANES);
    s03.intoArray(sums, 3 * LANES);
    s04.intoArray(sums, 4 * LANES);
    s10.intoArray(sums, 5 * LANES);
    s11.intoArray(sums, 6 * LANES);
    s12.intoArray(sums, 7 * LANES);
    s13.intoArray(sums, 8 * LANES);
    s14.intoArray(sums, 9 * LANES);
    s20.intoArray(sums, 10 * LANES);
    s21.intoArray(sums, 11 * LANES);
    s22.intoArray(sums, 12 * LANES);
    s23.intoArray(sums, 13 * LANES);
    s24.intoArray(sums, 14 * LANES);
    s30.intoArray(sums, 15 * LANES);
    s31.intoArray(sums, 16 * LANES);
    s32.intoArray(sums, 17 * LANES);
    s33.intoArray(sums, 18 * LANES);
    s34.intoArray(sums, 19 * LANES);
  }

  private static void fourByOne(
      float[] a, int i, int aRow, int last, float[] b, int j, int n, float[] sums) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector t0 = s0;
    FloatVector t1 = s0;
    FloatVector t2 = s0;
    FloatVector t3 = s0;
    int i1 = i + Math.min(1, last) * aRow;
    int i2 = i + Math.min(2, last) * aRow;
    int i3 = i + last * aRow;
    int whole = n / LANES * LANES;
    for (int x = 0; x < whole; x += LANES) {
      FloatVector with = FloatVector.fromArray(S, b, j + x);
      s0 = with.fma(FloatVector.fromArray(S, a, i + x), s0);
      s1 = with.fma(FloatVector.fromArray(S, a, i1 + x), s1);
      s2 = with.fma(FloatVector.fromArray(S, a, i2 + x), s2);
      s3 = with.fma(FloatVector.fromArray(S, a, i3 + x), s3);
      if (L <= LANES / 2) {
        FloatVector more = FloatVector.fromArray(S, b, j + x + L);
        t0 = more.fma(FloatVector.fromArray(S, a, i + x + L), t0);
        t1 = more.fma(FloatVector.fromArray(S, a, i1 + x + L), t1);
        t2 = more.fma(FloatVector.fromArray(S, a, i2 + x + L), t2);
        t3 = more.fma(FloatVector.fromArray(S, a, i3 + x + L), t3);
      }
    }
    if (L == LANES) {
      SimdSegments.totals(s0, s1, s2, s3).intoArray(sums, 0);
    } else {
      s0.intoArray(sums, 0);
      s1.intoArray(sums, LANES);
      s2.intoArray(sums, 2 * LANES);
      s3.intoArray(sums, 3 * LANES);
      t0.intoArray(sums, L);
      t1.intoArray(sums, LANES + L);
      t2.intoArray(sums, 2 * LANES + L);
      t3.intoArray(sums, 3 * LANES + L);
    }
  }
}
