package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.MatmulProduct.Operand;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * Starts the kernels of {@code matmul.cu} and {@code matmul_f64.cu}, which were compiled ahead of
 * time: picks one of them, the grid, and into how many parts K is cut.
 */
final class PrebuiltMatmul {
  /**
   * A kernel for a product.
   *
   * @param product the product as the kernel takes it
   * @param sum the kernel that adds up the parts
   * @param parts into how many parts to cut K
   * @param grain what the depth of a part is a multiple of, so that its rows remain aligned
   * @param rounded 1 if the result is to be of the operands' type rather than F32, else 0
   * @param grid the grid for a number of parts
   */
  record Choice(
      MatmulProduct product,
      KernelKey kernel,
      KernelKey sum,
      long parts,
      long grain,
      long rounded,
      LongFunction<Grid> grid) {}

  /** Those of F32, the largest first. */
  private static final List<MatmulTile> F32 =
      List.of(
          new MatmulTile(128, 128, 256, 0, 1),
          new MatmulTile(64, 64, 128, 0, 0.75),
          new MatmulTile(32, 32, 64, 0, 0.5));

  private static final List<MatmulTile> F64 =
      List.of(new MatmulTile(64, 64, 128, 0, 1), new MatmulTile(32, 32, 64, 0, 0.75));

  // The threads of a group for few rows, FEW_THREADS in matmul_few.h.
  private static final int THREADS = 128;
  private static final int WARPS = THREADS / 32;
  // The threads of a group that adds up parts.
  private static final int SUM_THREADS = 128;

  private final Driver driver;
  private final TensorMatmul tensor;
  private final Map<KernelKey, Kernel> kernels = new ConcurrentHashMap<>();

  PrebuiltMatmul(Driver driver) {
    this.driver = driver;
    tensor = new TensorMatmul(driver, this);
  }

  /**
   * Starts a batch of products.
   *
   * @param operands their type
   * @param output the type of the result
   * @param precision how far F32 operands may be rounded
   */
  void run(MatmulProduct product, DType operands, DType output, Precision precision) {
    if (!tensor.run(product, operands, output, precision)) {
      start(choose(product, driver.traits()));
    }
  }

  private static Choice choose(MatmulProduct given, Traits traits) {
    MatmulProduct few = given.fewRows();
    if (few.m() > MatmulKernel.FEW) {
      return local(given.contiguousRows(), traits);
    }
    return few.b().column() == 1 && few.n() > 1 ? columns(few, traits) : rows(few, traits);
  }

  private static Choice local(MatmulProduct p, Traits traits) {
    MatmulTile.Plan plan =
        MatmulTile.plan(p.dtype() == DType.F64 ? F64 : F32, p, traits, MatmulTile.Speed.OF_THREADS);
    String name = "matmul_local_" + suffix(p.dtype()) + "_" + plan.tile().suffix();
    return choice(p, name, plan.parts(), 16, plan.grid(p));
  }

  // A thread has 16 bytes of a row of the result, so a group up to 512 columns.
  private static Choice columns(MatmulProduct p, Traits traits) {
    int rows = rows(p);
    long width = THREADS * 16L / p.dtype().bytes();
    long groups = p.batches() * MatmulKernel.ceil(p.n(), width);
    // Where columns are few, most of a group's threads have none: then more groups.
    long wanted = 4L * traits.computeUnits() * Math.max(1, Math.min(16, width / p.n()));
    long parts = MatmulKernel.parts(p.k(), groups, wanted, Math.max(64, 32 * rows));
    String name = "matmul_columns_" + suffix(p.dtype()) + "_" + rows;
    return choice(p, name, parts, 16, n -> Grid.of(MatmulKernel.atMost(groups * n), THREADS));
  }

  // A warp has as many columns as 16 bytes have elements, or one if there is a single row.
  private static Choice rows(MatmulProduct p, Traits traits) {
    int rows = rows(p);
    long width = rows == 1 ? 1 : 16 / p.dtype().bytes();
    long warps = p.batches() * MatmulKernel.ceil(p.n(), width);
    long parts = MatmulKernel.parts(p.k(), warps, 16L * traits.computeUnits(), 1024);
    String name = "matmul_rows_" + suffix(p.dtype()) + "_" + rows;
    return choice(
        p,
        name,
        parts,
        128,
        n -> Grid.of(MatmulKernel.atMost(MatmulKernel.ceil(warps * n, WARPS)), THREADS));
  }

  // For how many rows there is a kernel that has enough.
  private static int rows(MatmulProduct p) {
    return p.m() <= 1 ? 1 : p.m() <= 4 ? 4 : p.m() <= 8 ? 8 : 16;
  }

  private static Choice choice(
      MatmulProduct p, String name, long parts, long grain, LongFunction<Grid> grid) {
    String family = p.dtype() == DType.F64 ? "matmul_f64" : "matmul";
    return new Choice(p, key(family, name), sum(p.dtype()), parts, grain, 0, grid);
  }

  /** Returns the kernel that adds up the parts of a product of F32 or F64. */
  static KernelKey sum(DType dtype) {
    String family = dtype == DType.F64 ? "matmul_f64" : "matmul";
    return key(family, "matmul_sum_" + suffix(dtype));
  }

  static KernelKey key(String family, String entry) {
    return new KernelKey(family, entry, Collections.unmodifiableSortedMap(new TreeMap<>()));
  }

  private static String suffix(DType dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }

  /** Starts a kernel, and the one that adds up its parts if there are several. */
  void start(Choice choice) {
    MatmulProduct p = choice.product();
    long depth =
        Math.max(1, MatmulKernel.ceil(p.k(), choice.parts() * choice.grain()) * choice.grain());
    long parts = Math.max(1, MatmulKernel.ceil(p.k(), depth));
    if (parts == 1) {
      long[] words = MatmulKernel.words(p, 1, depth, 0, choice.rounded(), 0);
      launch(choice.kernel(), choice.grid().apply(1), MatmulKernel.arguments(p), words);
      return;
    }
    long size = p.m() * p.n();
    long each = p.batches() * size;
    Block sums = driver.allocate(parts * each * p.dtype().bytes());
    try {
      MatmulProduct bare = p.bare(new Operand(sums, 0, size, p.n(), 1));
      long[] words = MatmulKernel.words(bare, parts, depth, each, 0, 0);
      launch(choice.kernel(), choice.grid().apply(parts), MatmulKernel.arguments(bare), words);
      Operand none = new Operand(sums, 0, 0, 0, 0);
      MatmulProduct added = p.withA(none).withB(none);
      launch(
          choice.sum(),
          Grid.of(MatmulKernel.atMost(MatmulKernel.ceil(each, SUM_THREADS)), SUM_THREADS),
          MatmulKernel.arguments(added),
          MatmulKernel.words(added, parts, depth, 0, choice.rounded(), 0));
    } finally {
      driver.free(sums);
    }
  }

  void launch(KernelKey key, Grid grid, Block[] arguments, long[] words) {
    driver.launch(kernels.computeIfAbsent(key, driver::kernel), grid, arguments, words);
  }
}
