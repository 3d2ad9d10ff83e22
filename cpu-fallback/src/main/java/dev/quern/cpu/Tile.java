package dev.quern.cpu;

/**
 * The innermost kernel of a matrix product: a tile of C that is kept in vector registers.
 *
 * @param rows the tile's rows
 * @param columns the tile's columns
 * @param kernel what computes it
 */
record Tile(int rows, int columns, Kernel kernel) {
  /** Computes a tile. */
  @FunctionalInterface
  interface Kernel {
    /**
     * Computes {@code c[at + r * cRow + q] = sum of a[i + r * aRow + k * aCol] * b[j + k * bStep +
     * q]} over {@code depth} values of k, in ascending order; adds it if {@code add}.
     */
    void run(
        int depth,
        Object a,
        int i,
        int aRow,
        int aCol,
        Object b,
        int j,
        int bStep,
        Object c,
        int at,
        int cRow,
        boolean add);
  }
}
