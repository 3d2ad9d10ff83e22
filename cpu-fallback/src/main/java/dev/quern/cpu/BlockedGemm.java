package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;

/**
 * The matrix product in tiles. B is copied so that a kernel reads it in order, unless that does not
 * pay, and so are the rows of A of one tile, while a transposed A is read where it lies; a part of
 * B that stays in the second-level cache is multiplied with all rows of a task before the next one.
 * Each element of C adds up the same products in the same order, whoever computes it and in
 * whatever tile it lies.
 */
final class BlockedGemm implements Gemm {
  /**
   * The bytes of a row of A of the deepest tile. C is read and written once for each such depth; a
   * tile's rows of A stay in the first-level cache.
   */
  private static final int DEPTH_BYTES = 2048;

  /** The greatest number of columns of a task: so deep, they take half of a second-level cache. */
  static final int NC = 256;

  /** From this depth on, partial sums along it are worth adding up. */
  private static final int DEEP = 256;

  /** Up to this many columns a narrow tile wastes less than a wide one. */
  private static final int NARROW = 16;

  /** The least number of rows of a task. */
  private static final int MC = 64;

  /** How many rows of B are packed before the next panel's. */
  private static final int PACKED_AT_ONCE = 8;

  /** From so many rows on, the usual tiles come first: what is left can still be a sum of 8s. */
  private static final int MANY_ROWS_LEFT = 40;

  /** The greatest number of rows of a tile. */
  private static final int MOST_ROWS = 16;

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
  private final int packedRow;
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
    packedRow = Tile.packedRow(dtype);
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
    /** A transposed and read where it lies. */
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
        new Part(context, p, tile, inPlace, j0, j1, k0, k1).run();
      }
    }
  }

  /** The part of a product for which B is packed at once. */
  private final class Part {
    private final CpuContext context;
    private final Product p;
    private final Tile tile;
    private final int j0;
    private final int j1;
    private final int k0;
    private final int k1;
    private final int panels;
    private final int step;
    // Panels before this one are read where they lie.
    private final int packedFrom;

    Part(
        CpuContext context, Product p, Tile tile, boolean inPlace, int j0, int j1, int k0, int k1) {
      this.context = context;
      this.p = p;
      this.tile = tile;
      this.j0 = j0;
      this.j1 = j1;
      this.k0 = k0;
      this.k1 = k1;
      panels = (j1 - j0 + tile.columns() - 1) / tile.columns();
      step = step(dtype, p.k);
      packedFrom = inPlace ? (j1 - j0) / tile.columns() : 0;
    }

    void run() {
      int depth = k1 - k0;
      int width = tile.columns();
      int copied = panels - packedFrom;
      try (Scratch scratch = new Scratch(context.pool(), dtype, (long) copied * width * depth)) {
        Object packed = scratch.array();
        context
            .threads()
            .ranges(
                copied,
                0.3 * width * depth,
                (from, to) -> pack(packedFrom + (int) from, packedFrom + (int) to, packed));
        int least = (panels * width + NC - 1) / NC;
        int chunks = chunks(least);
        // Rows too few for all threads: columns for each.
        int wanted = Math.max(least, Math.min(panels, context.threads().size() / chunks));
        int perBlock = (panels + wanted - 1) / wanted;
        int blocks = (panels + perBlock - 1) / perBlock;
        double nanos = MatmulKernel.NANOS * p.m / chunks * perBlock * width * depth;
        context
            .threads()
            .ranges(
                (long) chunks * blocks,
                nanos,
                (from, to) -> {
                  try (Scratch edge = new Scratch(context.pool(), dtype, edgeSize())) {
                    for (long t = from; t < to; t++) {
                      int block = (int) (t / chunks);
                      int chunk = (int) (t % chunks);
                      int first = block * perBlock;
                      int last = Math.min(panels, first + perBlock);
                      multiply(
                          row(chunk, chunks), row(chunk + 1, chunks), first, last, packed, edge);
                    }
                  }
                });
      }
    }

    private int chunks(int blocks) {
      int threads = context.threads().size();
      int most = Math.max(1, p.m / MC);
      return threads == 1 ? 1 : Math.min(most, Math.max(1, 4 * threads / blocks));
    }

    // Tasks meet between tiles.
    private int row(int chunk, int chunks) {
      int tiles = (p.m + tile.rows() - 1) / tile.rows();
      return (int) Math.min(p.m, (long) tiles * chunk / chunks * tile.rows());
    }

    private int edgeSize() {
      return MOST_ROWS * (packedRow + tile.columns());
    }

    // Panels lie one after the other, in each the rows of B; a short last one is filled with zeros.
    // Of rows, a few of all panels at a time: what is read lies close together.
    private void pack(int first, int last, Object packed) {
      int width = tile.columns();
      int depth = k1 - k0;
      int atOnce = p.bCol == 1 ? PACKED_AT_ONCE : depth;
      for (int k = 0; k < depth; k += atOnce) {
        int rows = Math.min(atOnce, depth - k);
        for (int panel = first; panel < last; panel++) {
          int j = j0 + panel * width;
          int w = Math.min(width, j1 - j);
          int from = p.bStart + (k0 + k) * p.bRow + j * p.bCol;
          int to = ((panel - packedFrom) * depth + k) * width;
          if (w < width) {
            HostArrays.fill(packed, to, rows * width, 0);
          }
          if (p.bCol == 1) {
            tile.copier().run(p.b, from, p.bRow, packed, to, width, rows, w);
          } else if (rows < w) {
            for (int r = 0; r < rows; r++) {
              HostArrays.gather(p.b, from + r * p.bRow, p.bCol, packed, to + r * width, w);
            }
          } else {
            for (int q = 0; q < w; q++) {
              HostArrays.copy(p.b, from + q * p.bCol, p.bRow, packed, to + q, width, rows);
            }
          }
        }
      }
    }

    private void multiply(int i0, int i1, int first, int last, Object packed, Scratch edge) {
      for (int k = k0; k < k1; k += step) {
        int depth = Math.min(step, k1 - k);
        int h;
        for (int i = i0; i < i1; i += h) {
          Tile fitting = fitting(i1 - i);
          h = Math.min(fitting.rows(), i1 - i);
          multiplyRows(fitting, i, h, k, depth, first, last, packed, edge.array());
          if (k + depth == p.k) {
            p.finish(
                i, i + h, j0 + first * tile.columns(), Math.min(j1, j0 + last * tile.columns()));
          }
        }
      }
    }

    // The last rows are done by lower tiles where those fill up and the usual ones would not.
    private Tile fitting(int rows) {
      boolean fits = rows % tiles.any().rows() == 0 && tiles.any().columns() == tile.columns();
      return fits && rows < MANY_ROWS_LEFT && rows % tile.rows() != 0 ? tiles.any() : tile;
    }

    private void multiplyRows(
        Tile fitting,
        int i,
        int h,
        int k,
        int depth,
        int first,
        int last,
        Object packed,
        Object scratch) {
      int width = tile.columns();
      Object a = p.a;
      int ai = p.aStart + i * p.aRow + k * p.aCol;
      int aRow = p.aRow;
      int aCol = p.aCol;
      if (tile.reads() == Tile.Reads.PACKED_ROWS || h < fitting.rows()) {
        boolean isAcross = tile.reads() == Tile.Reads.COLUMNS;
        int row = isAcross ? 1 : packedRow;
        int column = isAcross ? tile.rows() : 1;
        packRows(fitting, ai, h, depth, scratch, row, column);
        a = scratch;
        ai = 0;
        aRow = row;
        aCol = column;
      }
      int result = MOST_ROWS * packedRow;
      for (int panel = first; panel < last; panel++) {
        int j = j0 + panel * width;
        int w = Math.min(width, j1 - j);
        Object b = packed;
        int bj = ((panel - packedFrom) * (k1 - k0) + k - k0) * width;
        int bRow = width;
        if (panel < packedFrom) {
          b = p.b;
          bj = p.bStart + k * p.bRow + j;
          bRow = p.bRow;
        }
        int at = p.cStart + i * p.cRow + j;
        boolean isWhole = h == fitting.rows() && w == width;
        if (isWhole && k == 0) {
          fitting.kernel().run(depth, a, ai, aRow, aCol, b, bj, bRow, p.c, at, p.cRow);
          continue;
        }
        fitting.kernel().run(depth, a, ai, aRow, aCol, b, bj, bRow, scratch, result, width);
        if (isWhole) {
          tile.adder().run(h, w, scratch, result, p.c, at, p.cRow);
        } else {
          writeEdge(scratch, result, h, w, at, k > 0);
        }
      }
    }

    // Fills up with zeros what is less than a tile.
    private void packRows(Tile fitting, int ai, int h, int depth, Object to, int row, int column) {
      if (h < fitting.rows()) {
        int filled = column == 1 ? h * row : 0;
        int end = column == 1 ? fitting.rows() * row : fitting.rows() * depth;
        HostArrays.fill(to, filled, end - filled, 0);
      }
      if (p.aCol == 1 && column == 1) {
        tile.copier().run(p.a, ai, p.aRow, to, 0, row, h, depth);
        return;
      }
      for (int r = 0; r < h; r++) {
        HostArrays.copy(p.a, ai + r * p.aRow, p.aCol, to, r * row, column, depth);
      }
    }

    private void writeEdge(Object c, int from, int h, int w, int at, boolean adds) {
      if (!adds) {
        HostArrays.copyRuns(c, from, tile.columns(), p.c, at, p.cRow, h, w);
        return;
      }
      for (int r = 0; r < h; r++) {
        int to = at + r * p.cRow;
        add.run(p.c, to, c, from + r * tile.columns(), p.c, to, p.c, to, w);
      }
    }
  }
}
