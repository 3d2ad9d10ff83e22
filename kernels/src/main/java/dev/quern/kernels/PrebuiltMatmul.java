package dev.quern.kernels;

import dev.quern.DType;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Picks among the kernels of {@code matmul.cu} and {@code matmul_f64.cu}, which were compiled ahead
 * of time: which of them, the grid, and into how many parts K is cut.
 */
final class PrebuiltMatmul {
  /**
   * A kernel for a product.
   *
   * @param product the product as the kernel takes it
   * @param parts into how many parts to cut K
   * @param grain what the depth of a part is a multiple of, so that its rows remain aligned
   * @param grid the grid for a number of parts
   */
  record Choice(
      MatmulProduct product, KernelKey key, long parts, long grain, LongFunction<Grid> grid) {}

  /**
   * A kernel that computes a tile of the result in each group.
   *
   * @param m its rows
   * @param n its columns
   * @param threads of a group
   * @param share how much of a multiprocessor's arithmetic it gets, the largest tile having all of
   *     it: estimated from how often it reads shared memory
   */
  record Tile(int m, int n, int threads, double share) {
    String entry(DType dtype) {
      return "matmul_local_" + suffix(dtype) + "_" + m + "x" + n;
    }

    long count(MatmulProduct p) {
      return p.batches() * MatmulKernel.ceil(p.m(), m) * MatmulKernel.ceil(p.n(), n);
    }
  }

  /** Those of F32, the largest first. */
  static final List<Tile> F32 =
      List.of(new Tile(128, 128, 256, 1), new Tile(64, 64, 128, 0.75), new Tile(32, 32, 64, 0.5));

  /** Those of F64. */
  static final List<Tile> F64 = List.of(new Tile(64, 64, 128, 1), new Tile(32, 32, 64, 0.75));

  // The threads of a group for few rows, FEW_THREADS in matmul_few.h.
  private static final int THREADS = 128;
  private static final int WARPS = THREADS / 32;
  // How deep a part is at least.
  private static final long DEPTH = 256;
  // What it costs a tile to begin and end, as a depth.
  private static final double ENDS = 64;
  // What a further launch, and a sum that is written and read again, cost as multiplications that a
  // multiprocessor would have done meanwhile.
  private static final double LAUNCH = 650_000;
  private static final double SUM = 16;

  private PrebuiltMatmul() {}

  /** Returns the kernel for a product of F32 or F64. */
  static Choice of(MatmulProduct given, Traits traits) {
    MatmulProduct few = given.fewRows();
    if (few.m() > MatmulKernel.FEW) {
      return local(given.contiguousRows(), traits);
    }
    return few.b().column() == 1 && few.n() > 1 ? columns(few, traits) : rows(few, traits);
  }

  /** Returns the kernel that adds up the parts. */
  static KernelKey sum(DType dtype) {
    return key(dtype, "matmul_sum_" + suffix(dtype));
  }

  private static Choice local(MatmulProduct p, Traits traits) {
    Tile best = null;
    long parts = 1;
    double least = Double.POSITIVE_INFINITY;
    for (Tile tile : p.dtype() == DType.F64 ? F64 : F32) {
      long groups = tile.count(p);
      long most = MatmulKernel.parts(p.k(), groups, 2L * traits.computeUnits(), DEPTH);
      for (long n : most > 1 ? new long[] {1, most} : new long[] {1}) {
        double cost = cost(p, tile, groups, n, traits.computeUnits());
        if (cost < least) {
          best = tile;
          parts = n;
          least = cost;
        }
      }
    }
    Tile tile = Objects.requireNonNull(best, "no tiles");
    long groups = tile.count(p);
    return new Choice(
        p,
        key(p.dtype(), tile.entry(p.dtype())),
        parts,
        16,
        n -> Grid.of(MatmulKernel.atMost(groups * n), tile.threads()));
  }

  // In multiplications of the multiprocessor that has most to do.
  private static double cost(MatmulProduct p, Tile tile, long groups, long parts, int units) {
    double depth = (double) p.k() / parts + ENDS;
    double work = MatmulKernel.ceil(groups * parts, units) * depth * tile.m() * tile.n();
    double extra = LAUNCH + SUM * parts * p.batches() * p.m() * p.n() / units;
    return work / tile.share() + (parts > 1 ? extra : 0);
  }

  // A thread has 16 bytes of a row of the result, so a group up to 512 columns.
  private static Choice columns(MatmulProduct p, Traits traits) {
    int rows = rows(p);
    long width = THREADS * 16L / p.dtype().bytes();
    long groups = p.batches() * MatmulKernel.ceil(p.n(), width);
    // Where columns are few, most of a group's threads have none: then more groups.
    long wanted = 4L * traits.computeUnits() * Math.max(1, Math.min(16, width / p.n()));
    long parts = MatmulKernel.parts(p.k(), groups, wanted, Math.max(64, 32 * rows));
    return new Choice(
        p,
        key(p.dtype(), "matmul_columns_" + suffix(p.dtype()) + "_" + rows),
        parts,
        16,
        n -> Grid.of(MatmulKernel.atMost(groups * n), THREADS));
  }

  // A warp has as many columns as 16 bytes have elements, or one if there is a single row.
  private static Choice rows(MatmulProduct p, Traits traits) {
    int rows = rows(p);
    long width = rows == 1 ? 1 : 16 / p.dtype().bytes();
    long warps = p.batches() * MatmulKernel.ceil(p.n(), width);
    long parts = MatmulKernel.parts(p.k(), warps, 16L * traits.computeUnits(), 1024);
    return new Choice(
        p,
        key(p.dtype(), "matmul_rows_" + suffix(p.dtype()) + "_" + rows),
        parts,
        128,
        n -> Grid.of(MatmulKernel.atMost(MatmulKernel.ceil(warps * n, WARPS)), THREADS));
  }

  // For how many rows there is a kernel that has enough.
  private static int rows(MatmulProduct p) {
    return p.m() <= 1 ? 1 : p.m() <= 4 ? 4 : p.m() <= 8 ? 8 : 16;
  }

  private static KernelKey key(DType dtype, String entry) {
    String family = dtype == DType.F64 ? "matmul_f64" : "matmul";
    return new KernelKey(family, entry, Collections.unmodifiableSortedMap(new TreeMap<>()));
  }

  private static String suffix(DType dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }
}
