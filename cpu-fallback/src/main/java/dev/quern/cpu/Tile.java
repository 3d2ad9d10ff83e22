package dev.quern.cpu;

import dev.quern.DType;

/**
 * The innermost kernel of a matrix product: a tile of C that is kept in vector registers.
 *
 * @param rows the tile's rows
 * @param columns the tile's columns
 * @param reads how A must lie
 * @param kernel what computes it
 * @param adder what adds one that lies elsewhere to C
 * @param copier what copies rows of A and B
 */
record Tile(int rows, int columns, Reads reads, Kernel kernel, Adder adder, Copier copier) {
  /**
   * Returns the distance between the rows of packed A. Not a power of two, or many rows would share
   * the sets of a cache.
   */
  static int packedRow(DType dtype) {
    return BlockedGemm.greatestDepth(dtype) + 16;
  }

  /** What strides of A a kernel takes. */
  enum Reads {
    /** {@code aRow} is {@link #packedRow}, {@code aCol} is 1: the rows of one tile, copied. */
    PACKED_ROWS,
    /** {@code aRow} is 1, {@code aCol} the number of rows: the columns of one tile, copied. */
    PACKED_COLUMNS,
    /** Any. */
    ANYTHING
  }

  /** Computes a tile. */
  @FunctionalInterface
  interface Kernel {
    /**
     * Computes {@code c[at + r * cRow + q] = sum of a[i + r * aRow + k * aCol] * b[j + k * bRow +
     * q]} over {@code depth} values of k, in ascending order. {@code bRow} is the number of
     * columns, except for a tile that reads B where it lies.
     */
    void run(
        int depth,
        Object a,
        int i,
        int aRow,
        int aCol,
        Object b,
        int j,
        int bRow,
        Object c,
        int at,
        int cRow);
  }

  /** Adds a tile. */
  @FunctionalInterface
  interface Adder {
    /** Adds a dense tile at {@code tile[i]} to what is at {@code c[at]}. */
    void run(int rows, int columns, Object tile, int i, Object c, int at, int cRow);
  }

  /** Copies rows. */
  @FunctionalInterface
  interface Copier {
    /**
     * Sets {@code to[k + r * kStep + q] = from[i + r * iStep + q]} for {@code q < n <= kStep}, r
     * ascending. What lies behind a row of {@code to}, up to a vector, may be written over.
     */
    void run(Object from, int i, int iStep, Object to, int k, int kStep, int rows, int n);
  }
}
