package dev.quern.cpu;

import dev.quern.DType;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost kernels of the F64 matrix product. More accumulators need fewer loads for each
 * multiplication, up to what the registers hold. Where all strides of A and B are constants the
 * compiler takes every check of an index out of the loop. Nothing in a kernel is left to helpers:
 * the compiler would not inline that many, and make every vector an object on the heap.
 */
final class SimdTilesF64 {
  private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int ROW = Tile.packedRow(DType.F64);

  private SimdTilesF64() {}

  /**
   * Returns 10 rows of packed A and 2 vectors: 23 registers. More would fit, but the compiler loads
   * ahead and would keep some in memory.
   */
  static Tile rows10x2() {
    return new Tile(
        10,
        2 * L,
        Tile.Reads.PACKED_ROWS,
        SimdTilesF64::rows10x2,
        SimdTilesF64::add,
        SimdTilesF64::copy);
  }

  /** Returns 8 rows of packed A and 2 vectors, for 16 registers. */
  static Tile rows8x2() {
    return new Tile(
        8,
        2 * L,
        Tile.Reads.PACKED_ROWS,
        SimdTilesF64::rows8x2,
        SimdTilesF64::add,
        SimdTilesF64::copy);
  }

  /** Returns 12 rows and 2 vectors, A transposed, its columns copied. */
  static Tile across12x2() {
    return new Tile(
        12,
        2 * L,
        Tile.Reads.PACKED_COLUMNS,
        SimdTilesF64::across12x2,
        SimdTilesF64::add,
        SimdTilesF64::copy);
  }

  /** Returns 8 rows and 2 vectors, A of any strides, rows of B anywhere. */
  static Tile tile8x2() {
    return new Tile(
        8,
        2 * L,
        Tile.Reads.ANYTHING,
        SimdTilesF64::tile8x2,
        SimdTilesF64::add,
        SimdTilesF64::copy);
  }

  /**
   * Returns 16 rows and 1 vector, A of any strides: for few columns, where half of two vectors
   * would be wasted.
   */
  static Tile tile16x1() {
    return new Tile(
        16, L, Tile.Reads.ANYTHING, SimdTilesF64::tile16x1, SimdTilesF64::add, SimdTilesF64::copy);
  }

  private static void rows10x2(
      int depth,
      Object matrixA,
      int i,
      int aRow,
      int aCol,
      Object matrixB,
      int j,
      int bRow,
      Object matrixC,
      int at,
      int cRow) {
    double[] a = (double[]) matrixA;
    double[] b = (double[]) matrixB;
    double[] c = (double[]) matrixC;
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
    DoubleVector c8x = DoubleVector.zero(S);
    DoubleVector c8y = DoubleVector.zero(S);
    DoubleVector c9x = DoubleVector.zero(S);
    DoubleVector c9y = DoubleVector.zero(S);
    for (int k = 0; k < depth; k++) {
      DoubleVector x = DoubleVector.fromArray(S, b, j + k * (2 * L));
      DoubleVector y = DoubleVector.fromArray(S, b, j + k * (2 * L) + L);
      DoubleVector a0 = DoubleVector.broadcast(S, a[i + k]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      DoubleVector a1 = DoubleVector.broadcast(S, a[i + ROW + k]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      DoubleVector a2 = DoubleVector.broadcast(S, a[i + 2 * ROW + k]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      DoubleVector a3 = DoubleVector.broadcast(S, a[i + 3 * ROW + k]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      DoubleVector a4 = DoubleVector.broadcast(S, a[i + 4 * ROW + k]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      DoubleVector a5 = DoubleVector.broadcast(S, a[i + 5 * ROW + k]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      DoubleVector a6 = DoubleVector.broadcast(S, a[i + 6 * ROW + k]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      DoubleVector a7 = DoubleVector.broadcast(S, a[i + 7 * ROW + k]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      DoubleVector a8 = DoubleVector.broadcast(S, a[i + 8 * ROW + k]);
      c8x = a8.fma(x, c8x);
      c8y = a8.fma(y, c8y);
      DoubleVector a9 = DoubleVector.broadcast(S, a[i + 9 * ROW + k]);
      c9x = a9.fma(x, c9x);
      c9y = a9.fma(y, c9y);
    }
    c0x.intoArray(c, at);
    c0y.intoArray(c, at + L);
    c1x.intoArray(c, at + cRow);
    c1y.intoArray(c, at + cRow + L);
    c2x.intoArray(c, at + 2 * cRow);
    c2y.intoArray(c, at + 2 * cRow + L);
    c3x.intoArray(c, at + 3 * cRow);
    c3y.intoArray(c, at + 3 * cRow + L);
    c4x.intoArray(c, at + 4 * cRow);
    c4y.intoArray(c, at + 4 * cRow + L);
    c5x.intoArray(c, at + 5 * cRow);
    c5y.intoArray(c, at + 5 * cRow + L);
    c6x.intoArray(c, at + 6 * cRow);
    c6y.intoArray(c, at + 6 * cRow + L);
    c7x.intoArray(c, at + 7 * cRow);
    c7y.intoArray(c, at + 7 * cRow + L);
    c8x.intoArray(c, at + 8 * cRow);
    c8y.intoArray(c, at + 8 * cRow + L);
    c9x.intoArray(c, at + 9 * cRow);
    c9y.intoArray(c, at + 9 * cRow + L);
  }

  private static void rows8x2(
      int depth,
      Object matrixA,
      int i,
      int aRow,
      int aCol,
      Object matrixB,
      int j,
      int bRow,
      Object matrixC,
      int at,
      int cRow) {
    double[] a = (double[]) matrixA;
    double[] b = (double[]) matrixB;
    double[] c = (double[]) matrixC;
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
      DoubleVector x = DoubleVector.fromArray(S, b, j + k * (2 * L));
      DoubleVector y = DoubleVector.fromArray(S, b, j + k * (2 * L) + L);
      DoubleVector a0 = DoubleVector.broadcast(S, a[i + k]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      DoubleVector a1 = DoubleVector.broadcast(S, a[i + ROW + k]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      DoubleVector a2 = DoubleVector.broadcast(S, a[i + 2 * ROW + k]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      DoubleVector a3 = DoubleVector.broadcast(S, a[i + 3 * ROW + k]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      DoubleVector a4 = DoubleVector.broadcast(S, a[i + 4 * ROW + k]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      DoubleVector a5 = DoubleVector.broadcast(S, a[i + 5 * ROW + k]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      DoubleVector a6 = DoubleVector.broadcast(S, a[i + 6 * ROW + k]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      DoubleVector a7 = DoubleVector.broadcast(S, a[i + 7 * ROW + k]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
    }
    c0x.intoArray(c, at);
    c0y.intoArray(c, at + L);
    c1x.intoArray(c, at + cRow);
    c1y.intoArray(c, at + cRow + L);
    c2x.intoArray(c, at + 2 * cRow);
    c2y.intoArray(c, at + 2 * cRow + L);
    c3x.intoArray(c, at + 3 * cRow);
    c3y.intoArray(c, at + 3 * cRow + L);
    c4x.intoArray(c, at + 4 * cRow);
    c4y.intoArray(c, at + 4 * cRow + L);
    c5x.intoArray(c, at + 5 * cRow);
    c5y.intoArray(c, at + 5 * cRow + L);
    c6x.intoArray(c, at + 6 * cRow);
    c6y.intoArray(c, at + 6 * cRow + L);
    c7x.intoArray(c, at + 7 * cRow);
    c7y.intoArray(c, at + 7 * cRow + L);
  }

  private static void across12x2(
      int depth,
      Object matrixA,
      int i,
      int aRow,
      int aCol,
      Object matrixB,
      int j,
      int bRow,
      Object matrixC,
      int at,
      int cRow) {
    double[] a = (double[]) matrixA;
    double[] b = (double[]) matrixB;
    double[] c = (double[]) matrixC;
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
    DoubleVector c8x = DoubleVector.zero(S);
    DoubleVector c8y = DoubleVector.zero(S);
    DoubleVector c9x = DoubleVector.zero(S);
    DoubleVector c9y = DoubleVector.zero(S);
    DoubleVector c10x = DoubleVector.zero(S);
    DoubleVector c10y = DoubleVector.zero(S);
    DoubleVector c11x = DoubleVector.zero(S);
    DoubleVector c11y = DoubleVector.zero(S);
    for (int k = 0; k < depth; k++) {
      DoubleVector x = DoubleVector.fromArray(S, b, j + k * (2 * L));
      DoubleVector y = DoubleVector.fromArray(S, b, j + k * (2 * L) + L);
      DoubleVector a0 = DoubleVector.broadcast(S, a[i]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      DoubleVector a1 = DoubleVector.broadcast(S, a[i + 1]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      DoubleVector a2 = DoubleVector.broadcast(S, a[i + 2]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      DoubleVector a3 = DoubleVector.broadcast(S, a[i + 3]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      DoubleVector a4 = DoubleVector.broadcast(S, a[i + 4]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      DoubleVector a5 = DoubleVector.broadcast(S, a[i + 5]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      DoubleVector a6 = DoubleVector.broadcast(S, a[i + 6]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      DoubleVector a7 = DoubleVector.broadcast(S, a[i + 7]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      DoubleVector a8 = DoubleVector.broadcast(S, a[i + 8]);
      c8x = a8.fma(x, c8x);
      c8y = a8.fma(y, c8y);
      DoubleVector a9 = DoubleVector.broadcast(S, a[i + 9]);
      c9x = a9.fma(x, c9x);
      c9y = a9.fma(y, c9y);
      DoubleVector a10 = DoubleVector.broadcast(S, a[i + 10]);
      c10x = a10.fma(x, c10x);
      c10y = a10.fma(y, c10y);
      DoubleVector a11 = DoubleVector.broadcast(S, a[i + 11]);
      c11x = a11.fma(x, c11x);
      c11y = a11.fma(y, c11y);
      i += aCol;
    }
    c0x.intoArray(c, at);
    c0y.intoArray(c, at + L);
    c1x.intoArray(c, at + cRow);
    c1y.intoArray(c, at + cRow + L);
    c2x.intoArray(c, at + 2 * cRow);
    c2y.intoArray(c, at + 2 * cRow + L);
    c3x.intoArray(c, at + 3 * cRow);
    c3y.intoArray(c, at + 3 * cRow + L);
    c4x.intoArray(c, at + 4 * cRow);
    c4y.intoArray(c, at + 4 * cRow + L);
    c5x.intoArray(c, at + 5 * cRow);
    c5y.intoArray(c, at + 5 * cRow + L);
    c6x.intoArray(c, at + 6 * cRow);
    c6y.intoArray(c, at + 6 * cRow + L);
    c7x.intoArray(c, at + 7 * cRow);
    c7y.intoArray(c, at + 7 * cRow + L);
    c8x.intoArray(c, at + 8 * cRow);
    c8y.intoArray(c, at + 8 * cRow + L);
    c9x.intoArray(c, at + 9 * cRow);
    c9y.intoArray(c, at + 9 * cRow + L);
    c10x.intoArray(c, at + 10 * cRow);
    c10y.intoArray(c, at + 10 * cRow + L);
    c11x.intoArray(c, at + 11 * cRow);
    c11y.intoArray(c, at + 11 * cRow + L);
  }

  private static void tile8x2(
      int depth,
      Object matrixA,
      int i,
      int aRow,
      int aCol,
      Object matrixB,
      int j,
      int bRow,
      Object matrixC,
      int at,
      int cRow) {
    double[] a = (double[]) matrixA;
    double[] b = (double[]) matrixB;
    double[] c = (double[]) matrixC;
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
      j += bRow;
    }
    c0x.intoArray(c, at);
    c0y.intoArray(c, at + L);
    c1x.intoArray(c, at + cRow);
    c1y.intoArray(c, at + cRow + L);
    c2x.intoArray(c, at + 2 * cRow);
    c2y.intoArray(c, at + 2 * cRow + L);
    c3x.intoArray(c, at + 3 * cRow);
    c3y.intoArray(c, at + 3 * cRow + L);
    c4x.intoArray(c, at + 4 * cRow);
    c4y.intoArray(c, at + 4 * cRow + L);
    c5x.intoArray(c, at + 5 * cRow);
    c5y.intoArray(c, at + 5 * cRow + L);
    c6x.intoArray(c, at + 6 * cRow);
    c6y.intoArray(c, at + 6 * cRow + L);
    c7x.intoArray(c, at + 7 * cRow);
    c7y.intoArray(c, at + 7 * cRow + L);
  }

  private static void tile16x1(
      int depth,
      Object matrixA,
      int i,
      int aRow,
      int aCol,
      Object matrixB,
      int j,
      int bRow,
      Object matrixC,
      int at,
      int cRow) {
    double[] a = (double[]) matrixA;
    double[] b = (double[]) matrixB;
    double[] c = (double[]) matrixC;
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
      DoubleVector x = DoubleVector.fromArray(S, b, j + k * L);
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
    }
    c0.intoArray(c, at);
    c1.intoArray(c, at + cRow);
    c2.intoArray(c, at + 2 * cRow);
    c3.intoArray(c, at + 3 * cRow);
    c4.intoArray(c, at + 4 * cRow);
    c5.intoArray(c, at + 5 * cRow);
    c6.intoArray(c, at + 6 * cRow);
    c7.intoArray(c, at + 7 * cRow);
    c8.intoArray(c, at + 8 * cRow);
    c9.intoArray(c, at + 9 * cRow);
    c10.intoArray(c, at + 10 * cRow);
    c11.intoArray(c, at + 11 * cRow);
    c12.intoArray(c, at + 12 * cRow);
    c13.intoArray(c, at + 13 * cRow);
    c14.intoArray(c, at + 14 * cRow);
    c15.intoArray(c, at + 15 * cRow);
  }

  private static void add(
      int rows, int columns, Object scratch, int i, Object matrixC, int at, int cRow) {
    double[] from = (double[]) scratch;
    double[] c = (double[]) matrixC;
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j += L) {
        DoubleVector sum =
            DoubleVector.fromArray(S, c, at + j).add(DoubleVector.fromArray(S, from, i + j));
        sum.intoArray(c, at + j);
      }
      at += cRow;
      i += columns;
    }
  }

  private static void copy(
      Object source, int i, int iStep, Object target, int k, int kStep, int rows, int n) {
    double[] from = (double[]) source;
    double[] to = (double[]) target;
    int whole = (n + L - 1) / L * L;
    // What is written behind a row matters to nobody.
    int loose = rows;
    while (loose > 0 && !fits(from.length, i, iStep, to.length, k, kStep, loose, whole)) {
      loose--;
    }
    if (whole == L) {
      copySingles(from, i, iStep, to, k, kStep, loose);
    } else if (whole == 2 * L) {
      copyPairs(from, i, iStep, to, k, kStep, loose);
    } else {
      copyMany(from, i, iStep, to, k, kStep, loose, whole);
    }
    for (int r = loose; r < rows; r++) {
      System.arraycopy(from, i + r * iStep, to, k + r * kStep, n);
    }
  }

  // Rows of A and B may lie in descending order.
  private static boolean fits(
      int from, int i, int iStep, int to, int k, int kStep, int rows, int n) {
    long lastRow = (long) rows - 1;
    return i + Math.max(0, lastRow * iStep) + n <= from && k + lastRow * kStep + n <= to;
  }

  private static void copyMany(
      double[] from, int i, int iStep, double[] to, int k, int kStep, int rows, int n) {
    for (int r = 0; r < rows; r++) {
      for (int x = 0; x < n; x += L) {
        DoubleVector.fromArray(S, from, i + x).intoArray(to, k + x);
      }
      i += iStep;
      k += kStep;
    }
  }

  // Too short for a loop of their own.
  private static void copySingles(
      double[] from, int i, int iStep, double[] to, int k, int kStep, int rows) {
    for (int r = 0; r < rows; r++) {
      DoubleVector.fromArray(S, from, i).intoArray(to, k);
      i += iStep;
      k += kStep;
    }
  }

  private static void copyPairs(
      double[] from, int i, int iStep, double[] to, int k, int kStep, int rows) {
    for (int r = 0; r < rows; r++) {
      DoubleVector x = DoubleVector.fromArray(S, from, i);
      DoubleVector y = DoubleVector.fromArray(S, from, i + L);
      x.intoArray(to, k);
      y.intoArray(to, k + L);
      i += iStep;
      k += kStep;
    }
  }
}
