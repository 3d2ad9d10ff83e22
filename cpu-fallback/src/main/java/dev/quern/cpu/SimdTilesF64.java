package dev.quern.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The innermost kernels of the F64 matrix product. */
final class SimdTilesF64 {
  private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private SimdTilesF64() {}

  /** Returns the kernel of 8 rows and 2 vectors. */
  static Tile tile8x2() {
    return new Tile(
        8,
        2 * L,
        (depth, a, i, aRow, aCol, b, j, bStep, c, at, cRow, add) ->
            tile8x2(
                depth,
                (double[]) a,
                i,
                aRow,
                aCol,
                (double[]) b,
                j,
                bStep,
                (double[]) c,
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
                (double[]) a,
                i,
                aRow,
                aCol,
                (double[]) b,
                j,
                bStep,
                (double[]) c,
                at,
                cRow,
                add));
  }

  /** Sixteen accumulators: as many as hide the latency of a multiplication and addition. */
  private static void tile8x2(
      int depth,
      double[] a,
      int i,
      int aRow,
      int aCol,
      double[] b,
      int j,
      int bStep,
      double[] c,
      int at,
      int cRow,
      boolean add) {
    DoubleVector c0x = DoubleVector.zero(S);
    DoubleVector c0y = DoubleVector.zero(S);
    DoubleVector c1x = DoubleVector.zero(S);
    DoubleVector c1y = DoubleVector.zero(S);
    DoubleVector c2x = DoubleVector.zero(S);
    DoubleVector c2y = DoubleVector.zero(S);
    DoubleVector c3x = DoubleVector.zero(S);
    DoubleVector c3y = DoubleVector.zero(S);
    DoubleVector c4x = DoubleVector.zero(S);
    DoubleVector c4y = DoubleVector.zero(S);
    DoubleVector c5x = DoubleVector.zero(S);
    DoubleVector c5y = DoubleVector.zero(S);
    DoubleVector c6x = DoubleVector.zero(S);
    DoubleVector c6y = DoubleVector.zero(S);
    DoubleVector c7x = DoubleVector.zero(S);
    DoubleVector c7y = DoubleVector.zero(S);
    for (int k = 0; k < depth; k++) {
      DoubleVector x = DoubleVector.fromArray(S, b, j);
      DoubleVector y = DoubleVector.fromArray(S, b, j + L);
      DoubleVector a0 = DoubleVector.broadcast(S, a[i]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      DoubleVector a1 = DoubleVector.broadcast(S, a[i + aRow]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      DoubleVector a2 = DoubleVector.broadcast(S, a[i + 2 * aRow]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      DoubleVector a3 = DoubleVector.broadcast(S, a[i + 3 * aRow]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      DoubleVector a4 = DoubleVector.broadcast(S, a[i + 4 * aRow]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      DoubleVector a5 = DoubleVector.broadcast(S, a[i + 5 * aRow]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      DoubleVector a6 = DoubleVector.broadcast(S, a[i + 6 * aRow]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      DoubleVector a7 = DoubleVector.broadcast(S, a[i + 7 * aRow]);
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
      double[] a,
      int i,
      int aRow,
      int aCol,
      double[] b,
      int j,
      int bStep,
      double[] c,
      int at,
      int cRow,
      boolean add) {
    DoubleVector c0 = DoubleVector.zero(S);
    DoubleVector c1 = DoubleVector.zero(S);
    DoubleVector c2 = DoubleVector.zero(S);
    DoubleVector c3 = DoubleVector.zero(S);
    DoubleVector c4 = DoubleVector.zero(S);
    DoubleVector c5 = DoubleVector.zero(S);
    DoubleVector c6 = DoubleVector.zero(S);
    DoubleVector c7 = DoubleVector.zero(S);
    DoubleVector c8 = DoubleVector.zero(S);
    DoubleVector c9 = DoubleVector.zero(S);
    DoubleVector c10 = DoubleVector.zero(S);
    DoubleVector c11 = DoubleVector.zero(S);
    DoubleVector c12 = DoubleVector.zero(S);
    DoubleVector c13 = DoubleVector.zero(S);
    DoubleVector c14 = DoubleVector.zero(S);
    DoubleVector c15 = DoubleVector.zero(S);
    for (int k = 0; k < depth; k++) {
      DoubleVector x = DoubleVector.fromArray(S, b, j);
      DoubleVector a0 = DoubleVector.broadcast(S, a[i]);
      c0 = a0.fma(x, c0);
      DoubleVector a1 = DoubleVector.broadcast(S, a[i + aRow]);
      c1 = a1.fma(x, c1);
      DoubleVector a2 = DoubleVector.broadcast(S, a[i + 2 * aRow]);
      c2 = a2.fma(x, c2);
      DoubleVector a3 = DoubleVector.broadcast(S, a[i + 3 * aRow]);
      c3 = a3.fma(x, c3);
      DoubleVector a4 = DoubleVector.broadcast(S, a[i + 4 * aRow]);
      c4 = a4.fma(x, c4);
      DoubleVector a5 = DoubleVector.broadcast(S, a[i + 5 * aRow]);
      c5 = a5.fma(x, c5);
      DoubleVector a6 = DoubleVector.broadcast(S, a[i + 6 * aRow]);
      c6 = a6.fma(x, c6);
      DoubleVector a7 = DoubleVector.broadcast(S, a[i + 7 * aRow]);
      c7 = a7.fma(x, c7);
      DoubleVector a8 = DoubleVector.broadcast(S, a[i + 8 * aRow]);
      c8 = a8.fma(x, c8);
      DoubleVector a9 = DoubleVector.broadcast(S, a[i + 9 * aRow]);
      c9 = a9.fma(x, c9);
      DoubleVector a10 = DoubleVector.broadcast(S, a[i + 10 * aRow]);
      c10 = a10.fma(x, c10);
      DoubleVector a11 = DoubleVector.broadcast(S, a[i + 11 * aRow]);
      c11 = a11.fma(x, c11);
      DoubleVector a12 = DoubleVector.broadcast(S, a[i + 12 * aRow]);
      c12 = a12.fma(x, c12);
      DoubleVector a13 = DoubleVector.broadcast(S, a[i + 13 * aRow]);
      c13 = a13.fma(x, c13);
      DoubleVector a14 = DoubleVector.broadcast(S, a[i + 14 * aRow]);
      c14 = a14.fma(x, c14);
      DoubleVector a15 = DoubleVector.broadcast(S, a[i + 15 * aRow]);
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

  private static void store(DoubleVector v, double[] c, int at, boolean add) {
    (add ? v.add(DoubleVector.fromArray(S, c, at)) : v).intoArray(c, at);
  }
}
