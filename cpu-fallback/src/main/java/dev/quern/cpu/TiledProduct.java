package dev.quern.cpu;

/**
 * A product in tiles of one kind, or the part of it for which B is copied at once. B is copied so
 * that a kernel reads it in order, unless that does not pay, and so are rows or columns of A; a
 * block of B that stays in the second-level cache is multiplied with all rows of a task before the
 * next one.
 */
final class TiledProduct {
  /** The least number of rows of a task, where there are several. */
  private static final int FEWEST_ROWS = 64;

  /** About the greatest number of rows of a task, which limits the memory for copies of them. */
  private static final int MOST_ROWS = 2048;

  /** How many rows of B, or columns of A, are copied before the next panel's. */
  private static final int COPIED_AT_ONCE = 32;

  /** How many tiles of a transposed A are copied at once: what is read lies close together. */
  private static final int TILES_AT_ONCE = 10;

  /** From so many rows on, the usual tiles come first: what is left can still be a sum of 8s. */
  private static final int MANY_ROWS_LEFT = 40;

  /** The greatest number of rows of a tile. */
  private static final int TALLEST = 16;

  private final CpuContext context;
  private final Product p;
  private final Tile tile;
  private final Tile low;
  private final Loop add;
  private final int j0;
  private final int j1;
  private final int k0;
  private final int k1;
  private final int panels;
  private final int step;
  // Panels before this one are read where they lie.
  private final int packedFrom;
  private final int panelsPerBlock;
  private final int blocks;
  private final int chunks;

  /**
   * Prepares a product.
   *
   * @param low a lower tile, for the last rows
   * @param add what adds two rows
   * @param inPlace whether panels of B are read where they lie
   * @param j0 the first column of B
   * @param k0 the first row of B
   */
  TiledProduct(
      CpuContext context,
      Product p,
      Tile low,
      Tile tile,
      Loop add,
      boolean inPlace,
      int j0,
      int j1,
      int k0,
      int k1) {
    this.context = context;
    this.p = p;
    this.low = low;
    this.tile = tile;
    this.add = add;
    this.j0 = j0;
    this.j1 = j1;
    this.k0 = k0;
    this.k1 = k1;
    panels = (j1 - j0 + tile.columns() - 1) / tile.columns();
    step = BlockedGemm.step(p.dtype, p.k);
    packedFrom = inPlace ? (j1 - j0) / tile.columns() : 0;
    int threads = context.threads().size();
    int wanted = threads == 1 ? 1 : Math.min(4 * threads, p.m / FEWEST_ROWS);
    chunks = Math.max(wanted, (p.m - 1) / MOST_ROWS + 1);
    // Rows too few for all threads: columns for each.
    int least = (panels * tile.columns() - 1) / BlockedGemm.NC + 1;
    int some = Math.max(least, Math.min(panels, threads / chunks));
    panelsPerBlock = (panels + some - 1) / some;
    blocks = (panels + panelsPerBlock - 1) / panelsPerBlock;
  }

  /** Computes it. */
  void run() {
    int depth = k1 - k0;
    int width = tile.columns();
    int copied = panels - packedFrom;
    Threads threads = context.threads();
    try (Scratch b = Scratch.inLines(context.pool(), p.dtype, (long) copied * width * depth)) {
      copyB(b);
      // Who computes all columns of some rows copies those once.
      boolean whole = threads.size() == 1 || chunks >= 2 * threads.size();
      int each = whole ? blocks : 1;
      // Strides that are no constants take as long again.
      double one = (tile.reads() == Tile.Reads.ANYTHING ? 2 : 1) * MatmulKernel.NANOS;
      double nanos = one * p.m / chunks * each * panelsPerBlock * width * depth;
      threads.ranges(
          (long) chunks * (blocks / each),
          nanos,
          (from, to) -> {
            for (long t = from; t < to; t++) {
              int chunk = (int) (t % chunks);
              int first = (int) (t / chunks) * each;
              new Task(row(chunk), row(chunk + 1), first, first + each, b).run();
            }
          });
    }
  }

  // Tasks meet between tiles.
  private int row(int chunk) {
    int tiles = (p.m + tile.rows() - 1) / tile.rows();
    return (int) Math.min(p.m, (long) tiles * chunk / chunks * tile.rows());
  }

  // Threads share rows, for it is by rows that they made what is B now: each finds most of its own
  // in its caches. They share panels where rows are too few for all of them, or B is transposed.
  private void copyB(Scratch scratch) {
    Threads threads = context.threads();
    int depth = k1 - k0;
    int copied = panels - packedFrom;
    int steps = (depth - 1) / COPIED_AT_ONCE + 1;
    if (p.bCol == 1 && steps >= 2 * threads.size()) {
      threads.ranges(
          steps,
          0.3 * copied * tile.columns() * COPIED_AT_ONCE,
          (from, to) -> {
            int first = (int) from * COPIED_AT_ONCE;
            int last = (int) Math.min(depth, to * COPIED_AT_ONCE);
            copyRowsOfB(packedFrom, panels, first, last, scratch);
          });
    } else {
      threads.ranges(
          copied,
          0.3 * tile.columns() * depth,
          (from, to) -> {
            int first = packedFrom + (int) from;
            int last = packedFrom + (int) to;
            if (p.bCol == 1) {
              copyRowsOfB(first, last, 0, depth, scratch);
            } else {
              copyColumnsOfB(first, last, scratch);
            }
          });
    }
  }

  // Panels lie one after the other, in each the rows of B. What a short last one lacks counts
  // for nothing, but must not be left from something else, such as numbers that are slow.
  // Of rows, a few of all panels at a time: what is read lies close together.
  private void copyRowsOfB(int firstPanel, int lastPanel, int first, int last, Scratch scratch) {
    int width = tile.columns();
    for (int k = first; k < last; k += COPIED_AT_ONCE) {
      int rows = Math.min(COPIED_AT_ONCE, last - k);
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        int j = j0 + panel * width;
        int w = Math.min(width, j1 - j);
        int from = p.bStart + (k0 + k) * p.bRow + j;
        int to = scratch.start() + ((panel - packedFrom) * (k1 - k0) + k) * width;
        if (w < width) {
          HostArrays.fill(scratch.array(), to, rows * width, 0);
        }
        tile.copier().run(p.b, from, p.bRow, scratch.array(), to, width, rows, w);
      }
    }
  }

  private void copyColumnsOfB(int firstPanel, int lastPanel, Scratch scratch) {
    Object copy = scratch.array();
    int width = tile.columns();
    int depth = k1 - k0;
    for (int panel = firstPanel; panel < lastPanel; panel++) {
      int j = j0 + panel * width;
      int w = Math.min(width, j1 - j);
      int from = p.bStart + k0 * p.bRow + j * p.bCol;
      int to = scratch.start() + (panel - packedFrom) * depth * width;
      if (w < width) {
        HostArrays.fill(copy, to, depth * width, 0);
      }
      if (depth < w) {
        for (int r = 0; r < depth; r++) {
          HostArrays.gather(p.b, from + r * p.bRow, p.bCol, copy, to + r * width, w);
        }
      } else {
        for (int q = 0; q < w; q++) {
          HostArrays.copy(p.b, from + q * p.bCol, p.bRow, copy, to + q, width, depth);
        }
      }
    }
  }

  /** Some rows and blocks. */
  private final class Task {
    private final int i0;
    private final int i1;
    private final int firstBlock;
    private final int lastBlock;
    private final Scratch b;
    private final boolean copiesColumns;
    // Whether copies of A are kept for further blocks.
    private final boolean keeps;
    // The distance of two tiles' columns, with room for what a copy may write behind them.
    private final int columnsDistance;
    private final int packedRow;

    Task(int i0, int i1, int firstBlock, int lastBlock, Scratch b) {
      this.i0 = i0;
      this.i1 = i1;
      this.firstBlock = firstBlock;
      this.lastBlock = lastBlock;
      this.b = b;
      copiesColumns = tile.reads() == Tile.Reads.PACKED_COLUMNS;
      keeps = lastBlock - firstBlock > 1 && tile.reads() != Tile.Reads.ANYTHING;
      columnsDistance = tile.rows() * step + tile.columns();
      packedRow = Tile.packedRow(p.dtype);
    }

    void run() {
      int width = panelsPerBlock * tile.columns();
      int from = j0 + firstBlock * width;
      int to = Math.min(j1, j0 + lastBlock * width);
      try (Scratch scratch = new Scratch(context.pool(), p.dtype, room() + edge())) {
        for (int k = k0; k < k1; k += step) {
          int depth = Math.min(step, k1 - k);
          for (int block = firstBlock; block < lastBlock; block++) {
            int h;
            for (int i = i0; i < i1; i += h) {
              Tile fitting = fitting(i1 - i);
              h = Math.min(fitting.rows(), i1 - i);
              multiply(fitting, i, h, k, depth, block, scratch);
              if (k + depth == p.k && block == lastBlock - 1) {
                p.finish(i, i + h, from, to);
              }
            }
          }
        }
      }
    }

    // A tile's result that does not go straight to C, in front of the copies of A.
    private int edge() {
      return TALLEST * tile.columns();
    }

    private long room() {
      long rows = keeps ? i1 - i0 : 0;
      return copiesColumns
          ? Math.max(TILES_AT_ONCE, rows / tile.rows() + 1) * columnsDistance
          : (rows + TALLEST) * packedRow;
    }

    // The last rows are done by lower tiles where those fill up and the usual ones would not.
    private Tile fitting(int rows) {
      boolean fits = rows % low.rows() == 0 && low.columns() == tile.columns() && !copiesColumns;
      return fits && rows < MANY_ROWS_LEFT && rows % tile.rows() != 0 ? low : tile;
    }

    private void multiply(
        Tile fitting, int i, int h, int k, int depth, int block, Scratch scratch) {
      Object a = p.a;
      int ai = p.aStart + i * p.aRow + k * p.aCol;
      int aRow = p.aRow;
      int aCol = p.aCol;
      int copies = scratch.start() + edge();
      if (copiesColumns) {
        int tiles = (i - i0) / tile.rows();
        int ahead = tiles % TILES_AT_ONCE;
        int to = copies + (keeps ? tiles : ahead) * columnsDistance;
        if (block == firstBlock && ahead == 0) {
          copyColumns(ai, Math.min(i1 - i, TILES_AT_ONCE * tile.rows()), depth, scratch, to);
        }
        a = scratch.array();
        ai = to;
        aRow = 1;
        aCol = tile.rows();
      } else if (tile.reads() == Tile.Reads.PACKED_ROWS || h < fitting.rows()) {
        int to = copies + (keeps ? i - i0 : 0) * packedRow;
        if (!keeps || block == firstBlock) {
          copyRows(ai, h, fitting.rows(), depth, scratch.array(), to);
        }
        a = scratch.array();
        ai = to;
        aRow = packedRow;
        aCol = 1;
      }
      int first = block * panelsPerBlock;
      int last = Math.min(panels, first + panelsPerBlock);
      for (int panel = first; panel < last; panel++) {
        multiply(fitting, i, h, k, depth, panel, a, ai, aRow, aCol, scratch);
      }
    }

    private void multiply(
        Tile fitting,
        int i,
        int h,
        int k,
        int depth,
        int panel,
        Object a,
        int ai,
        int aRow,
        int aCol,
        Scratch scratch) {
      int width = tile.columns();
      int j = j0 + panel * width;
      int w = Math.min(width, j1 - j);
      Object bs = b.array();
      int bj = b.start() + ((panel - packedFrom) * (k1 - k0) + k - k0) * width;
      int bRow = width;
      if (panel < packedFrom) {
        bs = p.b;
        bj = p.bStart + k * p.bRow + j;
        bRow = p.bRow;
      }
      int at = p.cStart + i * p.cRow + j;
      boolean isWhole = h == fitting.rows() && w == width;
      if (isWhole && k == 0) {
        fitting.kernel().run(depth, a, ai, aRow, aCol, bs, bj, bRow, p.c, at, p.cRow);
        return;
      }
      Object edge = scratch.array();
      int result = scratch.start();
      fitting.kernel().run(depth, a, ai, aRow, aCol, bs, bj, bRow, edge, result, width);
      if (isWhole) {
        tile.adder().run(h, w, edge, result, p.c, at, p.cRow);
      } else {
        writeEdge(edge, result, h, w, at, k > 0);
      }
    }

    // Fills up with zeros what is less than a tile.
    private void copyRows(int ai, int h, int ofTile, int depth, Object copy, int to) {
      if (h < ofTile) {
        HostArrays.fill(copy, to + h * packedRow, (ofTile - h) * packedRow, 0);
      }
      if (p.aCol == 1) {
        tile.copier().run(p.a, ai, p.aRow, copy, to, packedRow, h, depth);
        return;
      }
      for (int r = 0; r < h; r++) {
        HostArrays.copy(p.a, ai + r * p.aRow, p.aCol, copy, to + r * packedRow, 1, depth);
      }
    }

    // Tiles lie one after the other, in each one column after the other.
    private void copyColumns(int ai, int rows, int depth, Scratch scratch, int to) {
      Object copy = scratch.array();
      int height = tile.rows();
      for (int k = 0; k < depth; k += COPIED_AT_ONCE) {
        int columns = Math.min(COPIED_AT_ONCE, depth - k);
        for (int r = 0; r < rows; r += height) {
          int h = Math.min(height, rows - r);
          int at = to + r / height * columnsDistance + k * height;
          if (h < height) {
            HostArrays.fill(copy, at, columns * height, 0);
          }
          tile.copier().run(p.a, ai + r + k * p.aCol, p.aCol, copy, at, height, columns, h);
        }
      }
    }

    private void writeEdge(Object result, int from, int h, int w, int at, boolean adds) {
      if (!adds) {
        HostArrays.copyRuns(result, from, tile.columns(), p.c, at, p.cRow, h, w);
        return;
      }
      for (int r = 0; r < h; r++) {
        int to = at + r * p.cRow;
        add.run(p.c, to, result, from + r * tile.columns(), p.c, to, p.c, to, w);
      }
    }
  }
}
