package dev.quern.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The innermost kernels of the F32 matrix product. */
final class SimdTilesF32 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private SimdTilesF32() {}

  /** Returns the kernel of 8 rows and 2 vectors. */
  static Tile tile8x2() {
    return new Tile(
        8,
        2 * L,
        (depth, a, i, aRow, aCol, b, j, bStep, c, at, cRow, add) ->
            tile8x2(
                depth,
                (float[]) a,
                i,
                aRow,
                aCol,
                (float[]) b,
                j,
                bStep,
                (float[]) c,
                at,
                cRow,
                add));
  }

  /** Returns the kernel of 16 rows and 1 vector. */
  static Tile tile16x1() {
    return new Tile(
        16,
        1 * L,
        (depth, a, i, aRow, aCol, b, j, bStep, c, at, cRow, add) ->
            tile16x1(
                depth,
                (float[]) a,
                i,
                aRow,
                aCol,
                (float[]) b,
                j,
                bStep,
                (float[]) c,
                at,
                cRow,
                add));
  }

  /** Sixteen accumulators: as many as hide the latency of a multiplication and addition. */
  private static void tile8x2(
      int depth,
      float[] a,
      int i,
      int aRow,
      int aCol,
      float[] b,
      int j,
      int bStep,
      float[] c,
      int at,
      int cRow,
      boolean add) {
    FloatVector c0x = FloatVector.zero(S);
    FloatVector c0y = FloatVector.zero(S);
    FloatVector c1x = FloatVector.zero(S);
    FloatVector c1y = FloatVector.zero(S);
    FloatVector c2x = FloatVector.zero(S);
    FloatVector c2y = FloatVector.zero(S);
    FloatVector c3x = FloatVector.zero(S);
    FloatVector c3y = FloatVector.zero(S);
    FloatVector c4x = FloatVector.zero(S);
    FloatVector c4y = FloatVector.zero(S);
    FloatVector c5x = FloatVector.zero(S);
    FloatVector c5y = FloatVector.zero(S);
    FloatVector c6x = FloatVector.zero(S);
    FloatVector c6y = FloatVector.zero(S);
    FloatVector c7x = FloatVector.zero(S);
    FloatVector c7y = FloatVector.zero(S);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.fromArray(S, b, j);
      FloatVector y = FloatVector.fromArray(S, b, j + L);
      FloatVector a0 = FloatVector.broadcast(S, a[i]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      FloatVector a1 = FloatVector.broadcast(S, a[i + aRow]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2 * aRow]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3 * aRow]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4 * aRow]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5 * aRow]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6 * aRow]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7 * aRow]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      i += aCol;
      j += bStep;
    }
    store(c0x, c, at, add);
    store(c0y, c, at + L, add);
    store(c1x, c, at + cRow, add);
    store(c1y, c, at + cRow + L, add);
    store(c2x, c, at + 2 * cRow, add);
    store(c2y, c, at + 2 * cRow + L, add);
    store(c3x, c, at + 3 * cRow, add);
    store(c3y, c, at + 3 * cRow + L, add);
    store(c4x, c, at + 4 * cRow, add);
    store(c4y, c, at + 4 * cRow + L, add);
    store(c5x, c, at + 5 * cRow, add);
    store(c5y, c, at + 5 * cRow + L, add);
    store(c6x, c, at + 6 * cRow, add);
    store(c6y, c, at + 6 * cRow + L, add);
    store(c7x, c, at + 7 * cRow, add);
    store(c7y, c, at + 7 * cRow + L, add);
  }

  /** For few columns, where half of two vectors would be wasted. */
  private static void tile16x1(
      int depth,
      float[] a,
      int i,
      int aRow,
      int aCol,
      float[] b,
      int j,
      int bStep,
      float[] c,
      int at,
      int cRow,
      boolean add) {
    FloatVector c0 = FloatVector.zero(S);
    FloatVector c1 = FloatVector.zero(S);
    FloatVector c2 = FloatVector.zero(S);
    FloatVector c3 = FloatVector.zero(S);
    FloatVector c4 = FloatVector.zero(S);
    FloatVector c5 = FloatVector.zero(S);
    FloatVector c6 = FloatVector.zero(S);
    FloatVector c7 = FloatVector.zero(S);
    FloatVector c8 = FloatVector.zero(S);
    FloatVector c9 = FloatVector.zero(S);
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c11 = FloatVector.zero(S);
    FloatVector c12 = FloatVector.zero(S);
    FloatVector c13 = FloatVector.zero(S);
    FloatVector c14 = FloatVector.zero(S);
    FloatVector c15 = FloatVector.zero(S);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.fromArray(S, b, j);
      FloatVector a0 = FloatVector.broadcast(S, a[i]);
      c0 = a0.fma(x, c0);
      FloatVector a1 = FloatVector.broadcast(S, a[i + aRow]);
      c1 = a1.fma(x, c1);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2 * aRow]);
      c2 = a2.fma(x, c2);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3 * aRow]);
      c3 = a3.fma(x, c3);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4 * aRow]);
      c4 = a4.fma(x, c4);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5 * aRow]);
      c5 = a5.fma(x, c5);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6 * aRow]);
      c6 = a6.fma(x, c6);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7 * aRow]);
      c7 = a7.fma(x, c7);
      FloatVector a8 = FloatVector.broadcast(S, a[i + 8 * aRow]);
      c8 = a8.fma(x, c8);
      FloatVector a9 = FloatVector.broadcast(S, a[i + 9 * aRow]);
      c9 = a9.fma(x, c9);
      FloatVector a10 = FloatVector.broadcast(S, a[i + 10 * aRow]);
      c10 = a10.fma(x, c10);
      FloatVector a11 = FloatVector.broadcast(S, a[i + 11 * aRow]);
      c11 = a11.fma(x, c11);
      FloatVector a12 = FloatVector.broadcast(S, a[i + 12 * aRow]);
      c12 = a12.fma(x, c12);
      FloatVector a13 = FloatVector.broadcast(S, a[i + 13 * aRow]);
      c13 = a13.fma(x, c13);
      FloatVector a14 = FloatVector.broadcast(S, a[i + 14 * aRow]);
      c14 = a14.fma(x, c14);
      FloatVector a15 = FloatVector.broadcast(S, a[i + 15 * aRow]);
      c15 = a15.fma(x, c15);
      i += aCol;
      j += bStep;
    }
    store(c0, c, at, add);
    store(c1, c, at + cRow, add);
    store(c2, c, at + 2 * cRow, add);
    store(c3, c, at + 3 * cRow, add);
    store(c4, c, at + 4 * cRow, add);
    store(c5, c, at + 5 * cRow, add);
    store(c6, c, at + 6 * cRow, add);
    store(c7, c, at + 7 * cRow, add);
    store(c8, c, at + 8 * cRow, add);
    store(c9, c, at + 9 * cRow, add);
    store(c10, c, at + 10 * cRow, add);
    store(c11, c, at + 11 * cRow, add);
    store(c12, c, at + 12 * cRow, add);
    store(c13, c, at + 13 * cRow, add);
    store(c14, c, at + 14 * cRow, add);
    store(c15, c, at + 15 * cRow, add);
  }

  private static void store(FloatVector v, float[] c, int at, boolean add) {
    (add ? v.add(FloatVector.fromArray(S, c, at)) : v).intoArray(c, at);
  }
}
