package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/** The place of the first greatest or least element; a NaN beats every number. */
final class ArgReduceKernel {
  private static final int BLOCK = BlockProgram.BLOCK;

  private ArgReduceKernel() {}

  /** Writes the index of each row's first best; see {@link dev.quern.spi.Backend#argReduce}. */
  static void run(CpuContext context, boolean max, View input, int kept, View output) {
    long[] shape = input.shape();
    long rows = ReduceKernel.product(shape, 0, kept);
    long length = ReduceKernel.product(shape, kept, shape.length);
    if (rows == 0) {
      return;
    }
    Space space = Space.of(List.of(input), shape);
    Space places = Space.of(List.of(output), output.shape());
    DType dtype = input.dtype();
    // Short rows share a block.
    int group = length <= BLOCK / 2 ? (int) (BLOCK / length) : 1;
    int block = length <= BLOCK / 2 ? (int) (group * length) : BLOCK;
    boolean insideRows = space.rank() == 1 || (group == 1 && space.inner() % length == 0);
    BlockProgram prepared =
        new BlockProgram(
            context.kernels(),
            Program.copy(dtype),
            List.of(input),
            List.of(),
            space,
            block,
            insideRows,
            false);
    context
        .threads()
        .ranges(
            (rows + group - 1) / group,
            group * (double) length,
            (from, to) -> {
              Scan scan = new Scan(max, dtype);
              long[] at = new long[places.rank()];
              long[] found = new long[group];
              try (BlockProgram.Frame frame = prepared.open(context.pool())) {
                for (long g = from; g < to; g++) {
                  int count = (int) Math.min(group, rows - g * group);
                  if (group > 1) {
                    frame.run(g * block, (int) (count * length));
                    for (int r = 0; r < count; r++) {
                      int start = frame.resultStart() + r * (int) length;
                      found[r] = scan.first(frame.result(), start, (int) length);
                    }
                  } else {
                    found[0] = scan.row(frame, g * length, length);
                  }
                  places.locate(g * group, at);
                  places.scatter(0, found, 0, CpuBuffer.array(output), at, count);
                }
              }
            });
  }

  /** Looks for the best element of runs. */
  private static final class Scan {
    private final boolean max;
    private final Object pair;

    Scan(boolean max, DType dtype) {
      this.max = max;
      pair = HostArrays.create(dtype, 2);
    }

    long row(BlockProgram.Frame frame, long start, long length) {
      long best = 0;
      for (long x = 0; x < length; x += BLOCK) {
        int n = (int) Math.min(BLOCK, length - x);
        frame.run(start + x, n);
        int here = first(frame.result(), frame.resultStart(), n);
        System.arraycopy(frame.result(), frame.resultStart() + here, pair, x == 0 ? 0 : 1, 1);
        if (x == 0 || first(pair, 0, 2) == 1) {
          best = x + here;
          System.arraycopy(pair, x == 0 ? 0 : 1, pair, 0, 1);
        }
      }
      return best;
    }

    /** Returns which element of a run is its first best. */
    int first(Object array, int i, int n) {
      if (array instanceof float[] a) {
        return first(a, i, n);
      } else if (array instanceof double[] a) {
        return first(a, i, n);
      } else if (array instanceof int[] a) {
        return first(a, i, n);
      } else if (array instanceof long[] a) {
        return first(a, i, n);
      }
      return first((byte[]) array, i, n);
    }

    private int first(float[] a, int i, int n) {
      int best = 0;
      for (int x = 0; x < n; x++) {
        float v = a[i + x];
        float b = a[i + best];
        if (max ? v > b : v < b) {
          best = x;
        } else if (Float.isNaN(v)) {
          return Float.isNaN(b) ? best : x;
        }
      }
      return best;
    }

    private int first(double[] a, int i, int n) {
      int best = 0;
      for (int x = 0; x < n; x++) {
        double v = a[i + x];
        double b = a[i + best];
        if (max ? v > b : v < b) {
          best = x;
        } else if (Double.isNaN(v)) {
          return Double.isNaN(b) ? best : x;
        }
      }
      return best;
    }

    private int first(int[] a, int i, int n) {
      int best = 0;
      for (int x = 1; x < n; x++) {
        if (max ? a[i + x] > a[i + best] : a[i + x] < a[i + best]) {
          best = x;
        }
      }
      return best;
    }

    private int first(long[] a, int i, int n) {
      int best = 0;
      for (int x = 1; x < n; x++) {
        if (max ? a[i + x] > a[i + best] : a[i + x] < a[i + best]) {
          best = x;
        }
      }
      return best;
    }

    private int first(byte[] a, int i, int n) {
      int best = 0;
      for (int x = 1; x < n; x++) {
        if (max ? a[i + x] > a[i + best] : a[i + x] < a[i + best]) {
          best = x;
        }
      }
      return best;
    }
  }
}
