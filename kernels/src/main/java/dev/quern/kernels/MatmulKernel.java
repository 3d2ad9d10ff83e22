package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.MatmulProduct.Operand;
import dev.quern.spi.Buffer;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Starts the kernels of {@code matmul.cl}: picks the variant, its macros, the geometry and the
 * order of the arguments. Those of CUDA, which were compiled ahead of time, it leaves to {@link
 * PrebuiltMatmul}.
 */
public final class MatmulKernel {
  /** Up to how many rows or columns a product is a skinny one. */
  public static final int FEW = 16;

  // The work items of a group where a kernel is not compiled for a number of them.
  private static final int GROUP = 64;
  // More groups than this gain nothing: the kernels' loops do the rest.
  private static final long MOST_GROUPS = 1 << 20;
  private static final long SCRATCH_BYTES = 256L << 20;
  // How deep a piece of a panel one work item packs.
  private static final long PACK_DEPTH = 64;
  // How deep the parts of a product at least are when K is split.
  private static final long PROCESSOR_DEPTH = 4096;
  private static final long GPU_DEPTH = 256;

  private final Driver driver;
  private final Function<Buffer, Block> blocks;
  private final MatmulTiles f32;
  private final MatmulTiles f64;
  private final PrebuiltMatmul prebuilt;
  private final Map<KernelKey, Kernel> kernels = new ConcurrentHashMap<>();

  /**
   * Creates a launcher.
   *
   * @param blocks where the elements of this driver's buffers lie
   * @param f32 the sizes for F32
   * @param f64 the sizes for F64
   */
  public MatmulKernel(
      Driver driver, Function<Buffer, Block> blocks, MatmulTiles f32, MatmulTiles f64) {
    this.driver = driver;
    this.blocks = blocks;
    this.f32 = f32;
    this.f64 = f64;
    prebuilt = new PrebuiltMatmul(driver);
  }

  /** Starts a batch of products; see {@link dev.quern.spi.Backend#matmul}. */
  public void run(View a, View b, Epilogue epilogue, Precision precision, View output) {
    if (output.size() == 0) {
      return;
    }
    // Sums of 16-bit elements, too, are F32.
    DType dtype = output.dtype() == DType.F64 ? DType.F64 : DType.F32;
    MatmulProduct product =
        new MatmulProduct(
                dtype,
                output.shape()[0],
                output.shape()[1],
                output.shape()[2],
                a.shape()[2],
                operand(a),
                operand(b),
                epilogue.bias() == null ? null : operand(epilogue.bias()),
                operand(output),
                activation(epilogue.activation()))
            .merged();
    MatmulTiles tiles = dtype == DType.F64 ? f64 : f32;
    if (driver.traits().prebuilt()) {
      prebuilt.run(product, a.dtype(), output.dtype(), precision);
    } else if (driver.traits().gpu()) {
      gpu(product, tiles);
    } else {
      processor(product, tiles);
    }
  }

  private Operand operand(View view) {
    long[] strides = view.strides();
    return new Operand(
        blocks.apply(view.buffer()), view.offset(), strides[0], strides[1], strides[2]);
  }

  private static long activation(@Nullable Op op) {
    if (op == null) {
      return 0;
    }
    return switch (op) {
      case RELU -> 1;
      case SIGMOID -> 2;
      case TANH -> 3;
      default -> throw new IllegalArgumentException("matmul: not an activation: " + op);
    };
  }

  private void gpu(MatmulProduct given, MatmulTiles tiles) {
    MatmulProduct few = given.fewRows();
    if (few.m() > FEW) {
      local(given.contiguousRows(), tiles);
      return;
    }
    long units = driver.traits().computeUnits();
    long columns = few.batches() * few.n();
    int rows = powerOfTwo(few.m());
    if (few.b().column() == 1 && few.n() > 1) {
      Variant variant = new Variant("matmul_columns", few.dtype(), "ROWS", rows);
      long parts = parts(few.k(), ceil(columns, GROUP), 4 * units, GPU_DEPTH / 4);
      split(few, variant, parts, n -> Grid.of(atMost(ceil(columns * n, GROUP)), GROUP));
    } else {
      int group = tiles.group();
      Variant variant = new Variant("matmul_rows", few.dtype(), "ROWS", rows, "GROUP", group);
      long parts = parts(few.k(), columns, 4 * units, 16L * group);
      split(few, variant, parts, n -> Grid.of(atMost(columns * n), group));
    }
  }

  private void local(MatmulProduct p, MatmulTiles tiles) {
    MatmulTiles.Local tile = tile(p, tiles);
    long groups = count(p, tile);
    Variant variant =
        new Variant(
            "matmul_local",
            p.dtype(),
            "TILE_M",
            tile.m(),
            "TILE_N",
            tile.n(),
            "TILE_K",
            tile.k(),
            "ITEM_M",
            tile.itemM(),
            "ITEM_N",
            tile.itemN(),
            "VECTOR",
            tile.vector());
    int across = tile.n() / tile.itemN();
    int down = tile.m() / tile.itemM();
    long parts = parts(p.k(), groups, 2L * driver.traits().computeUnits(), GPU_DEPTH);
    split(p, variant, parts, n -> new Grid(atMost(groups * n), 1, 1, across, down));
  }

  // The largest tile of which there are enough, or else the smallest.
  private MatmulTiles.Local tile(MatmulProduct p, MatmulTiles tiles) {
    Traits traits = driver.traits();
    MatmulTiles.Local found = null;
    for (MatmulTiles.Local tile : tiles.local()) {
      if (tile.items() <= traits.maxGroup() && tile.bytes(p.dtype()) <= traits.localBytes()) {
        found = tile;
        if (count(p, tile) >= traits.computeUnits()) {
          break;
        }
      }
    }
    if (found == null) {
      throw new IllegalStateException(
          "matmul: no tile fits the device: %s, it has groups of %d and %d bytes of local memory"
              .formatted(tiles.local(), traits.maxGroup(), traits.localBytes()));
    }
    return found;
  }

  private static long count(MatmulProduct p, MatmulTiles.Local tile) {
    return p.batches() * ceil(p.m(), tile.m()) * ceil(p.n(), tile.n());
  }

  private void processor(MatmulProduct given, MatmulTiles tiles) {
    MatmulProduct few = given.fewRows();
    if (few.m() > FEW) {
      MatmulProduct p = given.contiguousRows();
      boolean small = p.k() * p.n() * p.dtype().bytes() <= tiles.directBytes();
      if (small && direct(p, tiles.wide())) {
        tiled(p, tiles.wide(), 0);
      } else {
        packed(p, tiles.wide());
      }
      return;
    }
    int rows = powerOfTwo(few.m());
    MatmulTiles.Vector tile =
        rows > 4 ? tiles.wide() : tiles.few().get(Integer.numberOfTrailingZeros(rows));
    if (direct(few, tile)) {
      tiled(few, tile, 0);
    } else if (rows <= 4 && (few.b().row() == 1 || few.k() <= 1)) {
      dot(few, rows, tiles);
    } else {
      packed(few.turned(), tiles.narrow());
    }
  }

  // Whether the tile can read the rows of B where they are.
  private static boolean direct(MatmulProduct p, MatmulTiles.Vector tile) {
    return p.b().column() == 1 && p.n() >= tile.span();
  }

  // Packs as many columns, and then as many matrices, at a time as the scratch memory holds.
  private void packed(MatmulProduct p, MatmulTiles.Vector tile) {
    int span = tile.span();
    long panel = Math.max(1, p.k()) * span;
    long most = Math.min(SCRATCH_BYTES, driver.traits().maxBlockBytes()) / p.dtype().bytes();
    long panels = Math.max(1, Math.min(ceil(p.n(), span), most / panel));
    // One right matrix for the whole batch is packed once.
    boolean one = p.b().batch() == 0;
    long matrices = one ? p.batches() : Math.max(1, Math.min(p.batches(), most / panel / panels));
    long bytes = panel * panels * (one ? 1 : matrices) * p.dtype().bytes();
    Block scratch = driver.allocate(bytes);
    try {
      for (long j = 0; j < p.n(); j += panels * span) {
        for (long i = 0; i < p.batches(); i += matrices) {
          long width = Math.min(p.n() - j, panels * span);
          MatmulProduct part = p.part(i, Math.min(p.batches() - i, matrices), j, width);
          long each = one ? 0 : panel * ceil(width, span);
          pack(part, part.b(), width, one ? 1 : part.batches(), tile.width(), span, scratch);
          tiled(part.withB(new Operand(scratch, 0, each, span, 1)), tile, span);
        }
      }
    } finally {
      driver.free(scratch);
    }
  }

  private void pack(
      MatmulProduct p, Operand b, long n, long matrices, int vector, int width, Block target) {
    if (p.k() == 0) {
      return;
    }
    Operand none = new Operand(target, 0, 0, 0, 0);
    MatmulProduct copied =
        new MatmulProduct(p.dtype(), matrices, p.m(), n, p.k(), none, b, null, none, 0);
    Variant variant = new Variant("matmul_pack", p.dtype(), "W", vector).sized(width, PACK_DEPTH);
    long items = matrices * ceil(n, width) * ceil(p.k(), PACK_DEPTH);
    Block[] arguments = {b.block(), target};
    launch(variant, Grid.of(atMost(items), 1), arguments, words(copied, variant, 1, p.k(), 0));
  }

  private void tiled(MatmulProduct p, MatmulTiles.Vector tile, int packedWidth) {
    Variant variant =
        new Variant(
                "matmul_tile",
                p.dtype(),
                "W",
                tile.width(),
                "ROWS",
                tile.rows(),
                "VECTORS",
                tile.vectors(),
                "BLOCK",
                tile.block())
            .sized(packedWidth, tile.depth());
    items(p, variant, p.batches() * ceil(p.m(), tile.block()) * ceil(p.n(), tile.span()));
  }

  private void dot(MatmulProduct p, int rows, MatmulTiles tiles) {
    int vector = tiles.wide().width();
    Variant variant =
        new Variant("matmul_dot", p.dtype(), "W", vector, "ROWS", rows, "COLUMNS", tiles.columns());
    long items = p.batches() * ceil(p.n(), tiles.columns());
    if (p.a().column() == 1 || p.k() <= 1) {
      items(p, variant, items);
      return;
    }
    // Panels of width 1 are the rows of A, made contiguous.
    long matrices = p.a().batch() == 0 ? 1 : p.batches();
    long each = p.m() * p.k();
    Block scratch = driver.allocate(matrices * each * p.dtype().bytes());
    try {
      pack(p, p.a().turned(), p.m(), matrices, vector, 1, scratch);
      Operand rowsOfA = new Operand(scratch, 0, matrices == 1 ? 0 : each, p.k(), 1);
      items(p.withA(rowsOfA), variant, items);
    } finally {
      driver.free(scratch);
    }
  }

  // Starts a processor's kernel.
  private void items(MatmulProduct p, Variant variant, long items) {
    long parts = parts(p.k(), items, driver.traits().computeUnits(), PROCESSOR_DEPTH);
    split(p, variant, parts, n -> Grid.of(atMost(items * n), 1));
  }

  // Into how many parts to cut K so that there are enough groups, with no part less than so deep.
  static long parts(long k, long groups, long wanted, long depth) {
    return groups >= wanted ? 1 : Math.max(1, Math.min(ceil(wanted, groups), k / depth));
  }

  private void split(MatmulProduct p, Variant variant, long wanted, LongFunction<Grid> grid) {
    long depth = Math.max(1, ceil(p.k(), wanted));
    long parts = Math.max(1, ceil(p.k(), depth));
    if (parts == 1) {
      launch(finishing(variant, p), grid.apply(1), arguments(p), words(p, variant, 1, depth, 0));
      return;
    }
    long size = p.m() * p.n();
    long each = p.batches() * size;
    Block sums = driver.allocate(parts * each * p.dtype().bytes());
    try {
      MatmulProduct bare = p.bare(new Operand(sums, 0, size, p.n(), 1));
      launch(
          finishing(variant, bare),
          grid.apply(parts),
          arguments(bare),
          words(bare, variant, parts, depth, each));
      Variant sum = new Variant("matmul_sum", p.dtype());
      Traits traits = driver.traits();
      Grid last =
          traits.gpu()
              ? Grid.of(atMost(ceil(each, GROUP)), GROUP)
              : Grid.of(Math.min(each, traits.computeUnits()), 1);
      Block[] arguments = {sums, p.bias() == null ? sums : p.bias().block(), p.c().block()};
      launch(sum, last, arguments, words(p, sum, parts, depth, 0));
    } finally {
      driver.free(sums);
    }
  }

  private Variant finishing(Variant variant, MatmulProduct p) {
    return driver.traits().gpu() ? variant.with("ACTIVATION", p.activation()) : variant;
  }

  static Block[] arguments(MatmulProduct p) {
    // A kernel with no bias does not read it, but needs a pointer.
    Block bias = p.bias() == null ? p.a().block() : p.bias().block();
    return new Block[] {p.a().block(), p.b().block(), bias, p.c().block()};
  }

  private static long[] words(
      MatmulProduct p, Variant variant, long parts, long depth, long partSize) {
    return words(p, parts, depth, partSize, variant.width(), variant.blockK());
  }

  // The structure Params of matmul.cl, and what follows the pointers in that of matmul.h.
  static long[] words(
      MatmulProduct p, long parts, long depth, long partSize, long width, long blockK) {
    Operand a = p.a();
    Operand b = p.b();
    Operand c = p.c();
    Operand bias = p.bias() == null ? new Operand(a.block(), 0, 0, 0, 0) : p.bias();
    return new long[] {
      p.m(),
      p.n(),
      p.k(),
      p.batches(),
      parts,
      depth,
      a.offset(),
      a.batch(),
      a.row(),
      a.column(),
      b.offset(),
      b.batch(),
      b.row(),
      b.column(),
      bias.offset(),
      bias.batch(),
      bias.row(),
      bias.column(),
      c.offset(),
      c.batch(),
      c.row(),
      c.column(),
      partSize,
      p.bias() == null ? 0 : 1,
      p.activation(),
      width,
      blockK
    };
  }

  private void launch(Variant variant, Grid grid, Block[] arguments, long[] words) {
    Kernel kernel = kernels.computeIfAbsent(variant.key(), driver::kernel);
    driver.launch(kernel, grid, arguments, words);
  }

  static long ceil(long count, long size) {
    return (count + size - 1) / size;
  }

  static long atMost(long groups) {
    return Math.min(groups, MOST_GROUPS);
  }

  private static int powerOfTwo(long count) {
    return count <= 1 ? 1 : Integer.highestOneBit((int) count - 1) * 2;
  }

  /**
   * A kernel and the sizes it takes as parameters.
   *
   * @param width the columns of a panel of B, 0 if B is not packed
   * @param blockK the depth worked on at a time
   */
  private record Variant(KernelKey key, long width, long blockK) {
    Variant(String entry, DType dtype, Object... macros) {
      this(new KernelKey("matmul", entry, macros(dtype, macros)), 0, 1);
    }

    private static SortedMap<String, String> macros(DType dtype, Object... pairs) {
      SortedMap<String, String> macros = new TreeMap<>();
      if (dtype == DType.F64) {
        macros.put("F64", "1");
        macros.put("FLOAT64", "1");
      }
      for (int i = 0; i < pairs.length; i += 2) {
        macros.put(pairs[i].toString(), pairs[i + 1].toString());
      }
      return Collections.unmodifiableSortedMap(macros);
    }

    Variant with(String name, Object value) {
      SortedMap<String, String> macros = new TreeMap<>(key.defines());
      macros.put(name, value.toString());
      KernelKey more =
          new KernelKey(key.family(), key.entry(), Collections.unmodifiableSortedMap(macros));
      return new Variant(more, width, blockK);
    }

    Variant sized(long panelWidth, long depth) {
      return new Variant(key, panelWidth, depth);
    }
  }
}
