package dev.quern.kernels;

import java.util.List;
import java.util.function.LongFunction;

/**
 * A tile of the result that a group of a prebuilt kernel computes.
 *
 * @param m its rows
 * @param n its columns
 * @param threads of a group
 * @param localBytes the memory that the launch gives a group
 * @param share how much of a multiprocessor's arithmetic it gets, the largest tile having all of
 *     it: estimated from how often it reads its operands
 */
record MatmulTile(int m, int n, int threads, int localBytes, double share) {
  /**
   * What things cost beside multiplying.
   *
   * @param ends to begin and end a tile, as a depth
   * @param launch a further launch, as multiplications that a multiprocessor would have done
   *     meanwhile
   * @param sum a sum that is written and read again, likewise
   */
  record Speed(double ends, double launch, double sum) {
    /** 128 multiplications a cycle; a launch takes 3 microseconds. */
    static final Speed OF_THREADS = new Speed(64, 650_000, 16);

    /** Half of what tensor cores could do. */
    static final Speed OF_TENSOR_CORES = new Speed(256, 4_000_000, 100);
  }

  /** A tile, and into how many parts to cut K. */
  record Plan(MatmulTile tile, long parts) {
    LongFunction<Grid> grid(MatmulProduct p) {
      long groups = tile.count(p);
      return n -> new Grid(MatmulKernel.atMost(groups * n), 1, 1, tile.threads, 1, tile.localBytes);
    }
  }

  // How deep a part is at least.
  private static final long DEPTH = 256;

  /** Returns the tile that should be the fastest of those that the device has the memory for. */
  static Plan plan(List<MatmulTile> tiles, MatmulProduct p, Traits traits, Speed speed) {
    int units = traits.computeUnits();
    Plan best = new Plan(tiles.get(tiles.size() - 1), 1);
    double least = Double.POSITIVE_INFINITY;
    for (MatmulTile tile : tiles) {
      if (tile.localBytes > traits.localBytes()) {
        continue;
      }
      long most = MatmulKernel.parts(p.k(), tile.count(p), 2L * units, DEPTH);
      for (long parts : most > 1 ? new long[] {1, most} : new long[] {1}) {
        double cost = tile.cost(p, parts, units, speed);
        if (cost < least) {
          best = new Plan(tile, parts);
          least = cost;
        }
      }
    }
    return best;
  }

  // In multiplications of the multiprocessor that has most to do.
  private double cost(MatmulProduct p, long parts, int units, Speed speed) {
    double depth = (double) p.k() / parts + speed.ends;
    double work = MatmulKernel.ceil(count(p) * parts, units) * depth * m * n / share;
    double sums = speed.sum * parts * p.batches() * p.m() * p.n() / units;
    return parts > 1 ? work + speed.launch + sums : work;
  }

  private long count(MatmulProduct p) {
    return p.batches() * MatmulKernel.ceil(p.m(), m) * MatmulKernel.ceil(p.n(), n);
  }

  String suffix() {
    return m + "x" + n;
  }
}
