package dev.quern.cpu;

import dev.quern.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost kernels of the F32 matrix product. More accumulators need fewer loads for each
 * multiplication, up to what the registers hold. Where all strides of A and B are constants the
 * compiler takes every check of an index out of the loop. Nothing in a kernel is left to helpers:
 * the compiler would not inline that many, and make every vector an object on the heap.
 */
final class SimdTilesF32 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int ROW = Tile.packedRow(DType.F32);

  private SimdTilesF32() {}

  /**
   * Returns 10 rows of packed A and 2 vectors: 23 registers. More would fit, but the compiler loads
   * ahead and would keep some in memory.
   */
  static Tile rows10x2() {
    return new Tile(
        10,
        2 * L,
        Tile.Reads.PACKED_ROWS,
        SimdTilesF32::rows10x2,
        SimdTilesF32::add,
        SimdTilesF32::copy);
  }

  /** Returns the same with rows of B anywhere, which takes a check of each index. */
  static Tile spread10x2() {
    return new Tile(
        10,
        2 * L,
        Tile.Reads.PACKED_ROWS,
        SimdTilesF32::spread10x2,
        SimdTilesF32::add,
        SimdTilesF32::copy);
  }

  /** Returns 8 rows of packed A and 2 vectors, for 16 registers. */
  static Tile rows8x2() {
    return new Tile(
        8,
        2 * L,
        Tile.Reads.PACKED_ROWS,
        SimdTilesF32::rows8x2,
        SimdTilesF32::add,
        SimdTilesF32::copy);
  }

  /** Returns 12 rows and 2 vectors, A transposed, its columns copied. */
  static Tile across12x2() {
    return new Tile(
        12,
        2 * L,
        Tile.Reads.PACKED_COLUMNS,
        SimdTilesF32::across12x2,
        SimdTilesF32::add,
        SimdTilesF32::copy);
  }

  /** Returns 8 rows and 2 vectors, A of any strides, rows of B anywhere. */
  static Tile tile8x2() {
    return new Tile(
        8,
        2 * L,
        Tile.Reads.ANYTHING,
        SimdTilesF32::tile8x2,
        SimdTilesF32::add,
        SimdTilesF32::copy);
  }

  /**
   * Returns 16 rows and 1 vector, A of any strides: for few columns, where half of two vectors
   * would be wasted.
   */
  static Tile tile16x1() {
    return new Tile(
        16, L, Tile.Reads.ANYTHING, SimdTilesF32::tile16x1, SimdTilesF32::add, SimdTilesF32::copy);
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
    FloatVector c8x = FloatVector.zero(S);
    FloatVector c8y = FloatVector.zero(S);
    FloatVector c9x = FloatVector.zero(S);
    FloatVector c9y = FloatVector.zero(S);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.fromArray(S, b, j + k * (2 * L));
      FloatVector y = FloatVector.fromArray(S, b, j + k * (2 * L) + L);
      FloatVector a0 = FloatVector.broadcast(S, a[i + k]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      FloatVector a1 = FloatVector.broadcast(S, a[i + ROW + k]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2 * ROW + k]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3 * ROW + k]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4 * ROW + k]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5 * ROW + k]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6 * ROW + k]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7 * ROW + k]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      FloatVector a8 = FloatVector.broadcast(S, a[i + 8 * ROW + k]);
      c8x = a8.fma(x, c8x);
      c8y = a8.fma(y, c8y);
      FloatVector a9 = FloatVector.broadcast(S, a[i + 9 * ROW + k]);
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

  private static void spread10x2(
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
    FloatVector c8x = FloatVector.zero(S);
    FloatVector c8y = FloatVector.zero(S);
    FloatVector c9x = FloatVector.zero(S);
    FloatVector c9y = FloatVector.zero(S);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.fromArray(S, b, j);
      FloatVector y = FloatVector.fromArray(S, b, j + L);
      FloatVector a0 = FloatVector.broadcast(S, a[i + k]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      FloatVector a1 = FloatVector.broadcast(S, a[i + ROW + k]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2 * ROW + k]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3 * ROW + k]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4 * ROW + k]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5 * ROW + k]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6 * ROW + k]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7 * ROW + k]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      FloatVector a8 = FloatVector.broadcast(S, a[i + 8 * ROW + k]);
      c8x = a8.fma(x, c8x);
      c8y = a8.fma(y, c8y);
      FloatVector a9 = FloatVector.broadcast(S, a[i + 9 * ROW + k]);
      c9x = a9.fma(x, c9x);
      c9y = a9.fma(y, c9y);
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
      FloatVector x = FloatVector.fromArray(S, b, j + k * (2 * L));
      FloatVector y = FloatVector.fromArray(S, b, j + k * (2 * L) + L);
      FloatVector a0 = FloatVector.broadcast(S, a[i + k]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      FloatVector a1 = FloatVector.broadcast(S, a[i + ROW + k]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2 * ROW + k]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3 * ROW + k]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4 * ROW + k]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5 * ROW + k]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6 * ROW + k]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7 * ROW + k]);
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
    FloatVector c8x = FloatVector.zero(S);
    FloatVector c8y = FloatVector.zero(S);
    FloatVector c9x = FloatVector.zero(S);
    FloatVector c9y = FloatVector.zero(S);
    FloatVector c10x = FloatVector.zero(S);
    FloatVector c10y = FloatVector.zero(S);
    FloatVector c11x = FloatVector.zero(S);
    FloatVector c11y = FloatVector.zero(S);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.fromArray(S, b, j + k * (2 * L));
      FloatVector y = FloatVector.fromArray(S, b, j + k * (2 * L) + L);
      FloatVector a0 = FloatVector.broadcast(S, a[i]);
      c0x = a0.fma(x, c0x);
      c0y = a0.fma(y, c0y);
      FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
      c1x = a1.fma(x, c1x);
      c1y = a1.fma(y, c1y);
      FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
      c2x = a2.fma(x, c2x);
      c2y = a2.fma(y, c2y);
      FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
      c3x = a3.fma(x, c3x);
      c3y = a3.fma(y, c3y);
      FloatVector a4 = FloatVector.broadcast(S, a[i + 4]);
      c4x = a4.fma(x, c4x);
      c4y = a4.fma(y, c4y);
      FloatVector a5 = FloatVector.broadcast(S, a[i + 5]);
      c5x = a5.fma(x, c5x);
      c5y = a5.fma(y, c5y);
      FloatVector a6 = FloatVector.broadcast(S, a[i + 6]);
      c6x = a6.fma(x, c6x);
      c6y = a6.fma(y, c6y);
      FloatVector a7 = FloatVector.broadcast(S, a[i + 7]);
      c7x = a7.fma(x, c7x);
      c7y = a7.fma(y, c7y);
      FloatVector a8 = FloatVector.broadcast(S, a[i + 8]);
      c8x = a8.fma(x, c8x);
      c8y = a8.fma(y, c8y);
      FloatVector a9 = FloatVector.broadcast(S, a[i + 9]);
      c9x = a9.fma(x, c9x);
      c9y = a9.fma(y, c9y);
      FloatVector a10 = FloatVector.broadcast(S, a[i + 10]);
      c10x = a10.fma(x, c10x);
      c10y = a10.fma(y, c10y);
      FloatVector a11 = FloatVector.broadcast(S, a[i + 11]);
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
    float[] a = (float[]) matrixA;
    float[] b = (float[]) matrixB;
    float[] c = (float[]) matrixC;
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
      FloatVector x = FloatVector.fromArray(S, b, j + k * L);
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
    float[] from = (float[]) scratch;
    float[] c = (float[]) matrixC;
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j += L) {
        FloatVector sum =
            FloatVector.fromArray(S, c, at + j).add(FloatVector.fromArray(S, from, i + j));
        sum.intoArray(c, at + j);
      }
      at += cRow;
      i += columns;
    }
  }

  private static void copy(
      Object source, int i, int iStep, Object target, int k, int kStep, int rows, int n) {
    float[] from = (float[]) source;
    float[] to = (float[]) target;
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
      float[] from, int i, int iStep, float[] to, int k, int kStep, int rows, int n) {
    for (int r = 0; r < rows; r++) {
      for (int x = 0; x < n; x += L) {
        FloatVector.fromArray(S, from, i + x).intoArray(to, k + x);
      }
      i += iStep;
      k += kStep;
    }
  }

  // Too short for a loop of their own.
  private static void copySingles(
      float[] from, int i, int iStep, float[] to, int k, int kStep, int rows) {
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(S, from, i).intoArray(to, k);
      i += iStep;
      k += kStep;
    }
  }

  private static void copyPairs(
      float[] from, int i, int iStep, float[] to, int k, int kStep, int rows) {
    for (int r = 0; r < rows; r++) {
      FloatVector x = FloatVector.fromArray(S, from, i);
      FloatVector y = FloatVector.fromArray(S, from, i + L);
      x.intoArray(to, k);
      y.intoArray(to, k + L);
      i += iStep;
      k += kStep;
    }
  }
}
