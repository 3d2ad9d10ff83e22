package dev.quern.kernels;

import dev.quern.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes {@link MatmulKernel} works with on one class of devices, for one type. The defaults are
 * what was best where it was measured; a tuner tries the {@link #candidates}.
 *
 * @param local the GPU's tiles, the largest first; the largest that gives all compute units work is
 *     taken
 * @param group the work items of a group that shares a dot product on a GPU
 * @param wide the processor's tile for large products
 * @param narrow the processor's tile for at most {@link MatmulKernel#FEW} columns
 * @param few the processor's tiles for 1, 2 and 4 rows
 * @param columns how many dot products a processor's work item does at once
 * @param directBytes up to which size the processor reads a right matrix without packing it
 */
public record MatmulTiles(
    List<Local> local,
    int group,
    Vector wide,
    Vector narrow,
    List<Vector> few,
    int columns,
    long directBytes) {

  /**
   * A tile of the result that a group computes from pieces in local memory.
   *
   * @param m its rows
   * @param n its columns
   * @param k the depth of a piece
   * @param itemM rows of a work item
   * @param itemN columns of a work item
   * @param vector how many neighbouring rows or columns a work item takes at a time
   */
  public record Local(int m, int n, int k, int itemM, int itemN, int vector) {
    /**
     * Checks that the sizes fit together.
     *
     * @throws IllegalArgumentException if the work items do not divide the tile or its pieces
     */
    public Local {
      int items = m / itemM * (n / itemN);
      if (m % itemM != 0
          || n % itemN != 0
          || itemM % vector != 0
          || itemN % vector != 0
          || items % m != 0
          || items % n != 0
          || items % k != 0
          || m * k % items != 0
          || n * k % items != 0) {
        throw new IllegalArgumentException(
            "matmul: sizes do not divide one another: " + List.of(m, n, k, itemM, itemN, vector));
      }
    }

    /** Returns the work items of a group. */
    public int items() {
      return m / itemM * (n / itemN);
    }

    /** Returns the local memory a group needs, in bytes. */
    public long bytes(DType dtype) {
      return (long) k * (m + n + 2 * vector) * dtype.bytes();
    }
  }

  /**
   * A tile of the result that a work item keeps in vector registers.
   *
   * @param rows its rows
   * @param vectors its vectors of columns
   * @param width the elements of a vector
   * @param block the rows a work item does, one tile after the other; a multiple of {@code rows}
   * @param depth how deep it goes before it turns to its next tile, so that a piece of the right
   *     matrix stays in the first cache
   */
  public record Vector(int rows, int vectors, int width, int block, int depth) {
    /**
     * Checks that the sizes fit together.
     *
     * @throws IllegalArgumentException if the rows do not divide the block
     */
    public Vector {
      if (block % rows != 0) {
        throw new IllegalArgumentException(
            "matmul: the rows do not divide the block: " + rows + ", " + block);
      }
    }

    /** Returns its columns. */
    public int span() {
      return vectors * width;
    }
  }

  /**
   * Returns the default sizes.
   *
   * @param vectorBytes the length of a processor's vector registers
   */
  public static MatmulTiles of(DType dtype, int vectorBytes) {
    int width = width(dtype, vectorBytes);
    List<Local> local =
        dtype == DType.F64
            ? List.of(new Local(64, 64, 16, 4, 4, 2), new Local(32, 32, 16, 2, 2, 2))
            : List.of(
                new Local(128, 128, 8, 8, 8, 4),
                new Local(64, 64, 16, 4, 4, 4),
                new Local(32, 32, 16, 2, 2, 2));
    // 32 registers of 64 bytes, or 16 of 32: the tile, a row of the right matrix, a left element.
    int rows = vectorBytes >= 64 ? 8 : 6;
    return new MatmulTiles(
        local,
        128,
        new Vector(rows, 2, width, 4 * rows, 256),
        new Vector(2 * rows, 1, width, 4 * rows, 512),
        List.of(
            new Vector(1, 8, width, 1, 1 << 20),
            new Vector(2, 4, width, 2, 1 << 20),
            new Vector(4, 2, width, 4, 1 << 20)),
        4,
        256 << 10);
  }

  /**
   * Returns the sizes a tuner should try on a device: the default first, and others that differ in
   * the tile of large products.
   */
  public static List<MatmulTiles> candidates(DType dtype, Traits traits) {
    MatmulTiles base = of(dtype, traits.vectorBytes());
    List<MatmulTiles> list = new ArrayList<>();
    list.add(base);
    if (traits.gpu()) {
      for (Local tile :
          List.of(
              new Local(128, 128, 16, 8, 8, 4),
              new Local(128, 64, 16, 8, 4, 4),
              new Local(128, 64, 8, 8, 8, 4),
              new Local(64, 128, 16, 4, 8, 4),
              new Local(64, 64, 16, 4, 4, 4),
              new Local(64, 64, 8, 4, 4, 4),
              new Local(64, 64, 16, 8, 8, 4))) {
        list.add(base.withLocal(tile));
      }
      return List.copyOf(list);
    }
    int registers = traits.vectorBytes() >= 64 ? 32 : 16;
    for (int rows : new int[] {4, 6, 8, 12}) {
      for (int vectors : new int[] {1, 2, 4}) {
        if (rows * vectors + vectors < registers) {
          for (int block : new int[] {4, 8}) {
            for (int depth : new int[] {128, 256, 512}) {
              int width = base.wide.width();
              list.add(base.withWide(new Vector(rows, vectors, width, rows * block, depth)));
            }
          }
        }
      }
    }
    return List.copyOf(list);
  }

  // OpenCL C has vectors of 2, 4, 8 and 16 elements.
  private static int width(DType dtype, int vectorBytes) {
    return Math.max(16, Math.min(64, Integer.highestOneBit(vectorBytes))) / dtype.bytes();
  }

  /** Returns these sizes with other tiles for large products. */
  MatmulTiles with(List<Local> tiles, Vector tile) {
    return new MatmulTiles(tiles, group, tile, narrow, few, columns, directBytes);
  }

  private MatmulTiles withLocal(Local first) {
    List<Local> all = new ArrayList<>(local);
    all.set(0, first);
    return new MatmulTiles(List.copyOf(all), group, wide, narrow, few, columns, directBytes);
  }

  private MatmulTiles withWide(Vector tile) {
    return new MatmulTiles(local, group, tile, narrow, few, columns, directBytes);
  }
}
