package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;

/**
 * The matrix product in tiles: which of them suit a product, and what of B is copied at once. Each
 * element of C adds up the same products in the same order, whoever computes it and in whatever
 * tile it lies.
 */
final class BlockedGemm implements Gemm {
  /**
   * The bytes of a row of A of the deepest tile. C is read and written once for each such depth; a
   * tile's rows of A stay in the first-level cache.
   */
  private static final int DEPTH_BYTES = 2048;

  /** The greatest number of columns of a block: so deep, they take half of a second-level cache. */
  static final int NC = 256;

  /** From this depth on, partial sums along it are worth adding up. */
  private static final int DEEP = 256;

  /** Up to this many columns a narrow tile wastes less than a wide one. */
  private static final int NARROW = 16;

  /** Up to this many columns, too much of a tile would be empty. */
  private static final int FEW_COLUMNS = 10;

  /** From so many rows on, C may be computed as its transpose. */
  private static final int MANY_ROWS = 128;

  /** At least as deep a product is worth turning its result. */
  private static final int WORTH_TURNING = 64;

  /** Up to this depth, copying A takes longer than it gains. */
  private static final int SHALLOW = 32;

  /** Up to this many rows, B is read too rarely to be worth a copy. */
  private static final int FEW_ROWS = 20;

  /** Up to this many elements, B is read where it lies. */
  private static final int SMALL = 1 << 14;

  /** The greatest number of elements of B that are packed at once. */
  private static final long PACKED = 1L << 22;

  private final DType dtype;
  private final Tiles tiles;
  private final Gemm untiled;
  private final Loop add;

  /**
   * Creates the product of one type.
   *
   * @param untiled what computes products without tiles
   */
  BlockedGemm(DType dtype, Tiles tiles, Gemm untiled, Kernels kernels) {
    this.dtype = dtype;
    this.tiles = tiles;
    this.untiled = untiled;
    add = kernels.loop(Op.ADD, dtype);
  }

  /**
   * The kernels of one type.
   *
   * @param packed the usual tile, for packed rows
   * @param across the tile for a transposed A, as wide
   * @param narrow the tile for few columns
   * @param spread the tile for a B that is read where it lies
   * @param any the tile for A and B of any strides
   */
  record Tiles(Tile packed, Tile across, Tile narrow, Tile spread, Tile any) {}

  /** How a product is computed: the fastest way for its extents and strides. */
  enum Form {
    /** Too small for tiles, or one of its sides is. */
    THIN,
    /** Few columns and rows of A that are read in order: partial sums along the depth. */
    DEEP,
    /** Few columns: tiles of one vector, of which some lanes may stay empty. */
    NARROW,
    /** Few columns, A transposed: the transpose of C, whose rows fill vectors. */
    TURNED,
    /** Hardly deep: A is read where it lies, since a copy would be read too rarely. */
    SHALLOW,
    /** A transposed: its columns copied, where there are registers for tall tiles. */
    ACROSS,
    /** B read where it lies: a copy would be read too rarely, or hardly lie closer together. */
    SPREAD,
    /** A and B copied. */
    PACKED;

    /** Returns whether there are no tiles. */
    boolean isUntiled() {
      return this == THIN || this == DEEP;
    }
  }

  /** Returns the form of a product. */
  static Form form(Product p) {
    if (p.m < 4 || (long) p.m * p.n * p.k < 1 << 12) {
      return Form.THIN;
    }
    boolean transposed = p.aRow == 1 && p.aCol != 1;
    if (p.n <= FEW_COLUMNS && isDeep(p)) {
      return Form.DEEP;
    } else if (p.n < 4) {
      return Form.THIN;
    } else if (p.n <= FEW_COLUMNS && transposed && isWorthTurning(p)) {
      return Form.TURNED;
    } else if (p.n <= NARROW) {
      return Form.NARROW;
    } else if (p.k <= SHALLOW) {
      return Form.SHALLOW;
    } else if (transposed) {
      return Form.ACROSS;
    }
    boolean isSmall = p.m <= FEW_ROWS || (long) p.n * p.k <= SMALL;
    return p.bCol == 1 && isSmall ? Form.SPREAD : Form.PACKED;
  }

  // There is a copy of a B whose columns do not lie in order.
  private static boolean isDeep(Product p) {
    boolean fits = p.bRow == 1 || (long) p.n * p.k <= PACKED;
    return p.dtype == DType.F32 && p.k >= DEEP && p.aCol == 1 && fits;
  }

  // What turning back takes has to be little beside the product.
  private static boolean isWorthTurning(Product p) {
    return p.k >= WORTH_TURNING && p.m >= MANY_ROWS && (long) p.m * p.n <= PACKED;
  }

  /** Returns the greatest depth of a tile. */
  static int greatestDepth(DType dtype) {
    return DEPTH_BYTES / dtype.bytes();
  }

  /** Returns at what depths sums are begun anew: the same for all, as even as can be. */
  static int step(DType dtype, int k) {
    int greatest = greatestDepth(dtype);
    int steps = (k - 1) / greatest + 1;
    return (k - 1) / steps + 1;
  }

  @Override
  public void run(CpuContext context, Product p) {
    switch (form(p)) {
      case THIN, DEEP -> untiled.run(context, p);
      case NARROW -> run(context, p, tiles.narrow(), false);
      case TURNED -> turned(context, p);
      case SHALLOW -> run(context, p, tiles.any(), p.bCol == 1);
      case ACROSS -> run(context, p, tiles.across(), false);
      case SPREAD -> run(context, p, tiles.spread(), true);
      case PACKED -> run(context, p, tiles.packed(), false);
    }
  }

  // A transposed A lies as a B does.
  private void turned(CpuContext context, Product p) {
    try (Scratch scratch = new Scratch(context.pool(), dtype, (long) p.m * p.n)) {
      run(context, p.turned(scratch.array()), tiles.spread(), true);
      context
          .threads()
          .ranges(
              p.m,
              p.n,
              (from, to) -> {
                int i = (int) from;
                int rows = (int) (to - from);
                for (int j = 0; j < p.n; j++) {
                  int at = p.cStart + i * p.cRow + j;
                  HostArrays.scatter(scratch.array(), j * p.m + i, p.c, at, p.cRow, rows);
                }
                p.finish(i, i + rows, 0, p.n);
              });
    }
  }

  private void run(CpuContext context, Product p, Tile tile, boolean inPlace) {
    int step = step(dtype, p.k);
    int depth = (int) Math.min(p.k, PACKED / tile.columns() / step * step);
    int columns = (int) Math.max(tile.columns(), PACKED / depth / NC * NC);
    for (int j0 = 0; j0 < p.n; j0 += columns) {
      int j1 = (int) Math.min(p.n, (long) j0 + columns);
      for (int k0 = 0; k0 < p.k; k0 += depth) {
        int k1 = (int) Math.min(p.k, (long) k0 + depth);
        new TiledProduct(context, p, tiles.any(), tile, add, inPlace, j0, j1, k0, k1).run();
      }
    }
  }
}
