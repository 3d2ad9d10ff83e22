package dev.quern.cpu;

import dev.quern.DType;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The F32 matrix product in loops that the compiler vectorises by itself. It does so on every
 * version only where all arrays of a loop share one plain index, hence rows of B and C in arrays of
 * their own.
 *
 * <p>Tiled products add up the same products in the same order with the same fused operations as
 * {@link BlockedGemm}: the bits do not depend on which of the two runs.
 */
final class GemmF32 implements Gemm {
  private static final int KC = BlockedGemm.greatestDepth(DType.F32);
  private static final int NC = BlockedGemm.NC;

  /** Scratch of one thread. */
  private static final class Rows {
    final float[][] b = new float[KC][NC];
    final float[] c = new float[NC];
  }

  private final ThinLoops thin;
  private final ConcurrentLinkedQueue<Rows> free = new ConcurrentLinkedQueue<>();

  /** Creates the product with these loops for what is not tiled. */
  GemmF32(ThinLoops thin) {
    this.thin = thin;
  }

  @Override
  public void run(CpuContext context, Product p) {
    if (BlockedGemm.form(p).isUntiled()) {
      untiled(context, p);
      return;
    }
    int blocks = (p.n + NC - 1) / NC;
    int chunks = Math.min((p.m + 7) / 8, 2 * context.threads().size());
    double nanos = MatmulKernel.NANOS * p.m * p.n * p.k / chunks / blocks;
    context
        .threads()
        .ranges(
            (long) blocks * chunks,
            nanos,
            (from, to) -> {
              for (long t = from; t < to; t++) {
                int chunk = (int) (t % chunks);
                int j0 = (int) (t / chunks) * NC;
                tiled(p, row(p, chunk, chunks), row(p, chunk + 1, chunks), j0);
              }
            });
  }

  private static int row(Product p, int chunk, int chunks) {
    return (int) ((long) p.m * chunk / chunks);
  }

  private void untiled(CpuContext context, Product p) {
    Threads threads = context.threads();
    double nanos = 0.1 * p.k;
    if (BlockedGemm.form(p) == BlockedGemm.Form.DEEP) {
      deep(context, p);
    } else if (p.n == 1 && p.aRow == 1 && p.cRow == 1 && p.m > 1) {
      threads.ranges(p.m, nanos, (from, to) -> column(p, (int) from, (int) to));
    } else if (p.bCol != 1 || p.n < 4) {
      threads.ranges(p.m, nanos * p.n, (from, to) -> dots(p, (int) from, (int) to));
    } else if (p.m < 4) {
      threads.ranges(p.n, nanos * p.m, (from, to) -> sums(p, 0, p.m, (int) from, (int) to));
    } else {
      threads.ranges(p.m, nanos * p.n, (from, to) -> sums(p, (int) from, (int) to, 0, p.n));
    }
  }

  // Columns of B that do not lie like rows of A are copied.
  private void deep(CpuContext context, Product p) {
    Threads threads = context.threads();
    boolean copies = p.bRow != 1;
    try (Scratch scratch = new Scratch(context.pool(), DType.F32, copies ? (long) p.n * p.k : 0)) {
      if (copies) {
        threads.ranges(
            p.n,
            p.k,
            (from, to) -> {
              for (int j = (int) from; j < to; j++) {
                int column = p.bStart + j * p.bCol;
                HostArrays.gather(p.b, column, p.bRow, scratch.array(), j * p.k, p.k);
              }
            });
      }
      float[] b = (float[]) (copies ? scratch.array() : p.b);
      int start = copies ? 0 : p.bStart;
      int column = copies ? p.k : p.bCol;
      int rows = ThinLoops.ROWS;
      threads.ranges(
          (p.m + rows - 1) / rows,
          MatmulKernel.NANOS * p.k * p.n * rows,
          (from, to) ->
              rowsByColumns(
                  p, b, start, column, (int) from * rows, (int) Math.min(p.m, to * rows)));
    }
  }

  private void rowsByColumns(Product p, float[] b, int start, int column, int i0, int i1) {
    float[] a = (float[]) p.a;
    float[] c = (float[]) p.c;
    int from = p.aStart + i0 * p.aRow;
    int to = p.cStart + i0 * p.cRow;
    thin.dots(a, from, p.aRow, i1 - i0, b, start, column, p.n, p.k, c, to, p.cRow);
    p.finish(i0, i1, 0, p.n);
  }

  // A row of C is the sum of the rows of B, scaled by the elements of one of A.
  private void sums(Product p, int i0, int i1, int j0, int j1) {
    float[] a = (float[]) p.a;
    float[] b = (float[]) p.b;
    float[] c = (float[]) p.c;
    for (int i = i0; i < i1; i++) {
      int from = p.aStart + i * p.aRow;
      int to = p.cStart + i * p.cRow + j0;
      thin.sum(b, p.bStart + j0, p.bRow, a, from, p.aCol, p.k, c, to, j1 - j0);
    }
    p.finish(i0, i1, j0, j1);
  }

  // The one column of C is the sum of those of a transposed A, scaled by the elements of B.
  private void column(Product p, int i0, int i1) {
    float[] a = (float[]) p.a;
    float[] b = (float[]) p.b;
    float[] c = (float[]) p.c;
    thin.sum(a, p.aStart + i0, p.aCol, b, p.bStart, p.bRow, p.k, c, p.cStart + i0, i1 - i0);
    p.finish(i0, i1, 0, 1);
  }

  private void dots(Product p, int i0, int i1) {
    float[] a = (float[]) p.a;
    float[] b = (float[]) p.b;
    float[] c = (float[]) p.c;
    if (p.aCol == 1 && p.bRow == 1) {
      rowsByColumns(p, b, p.bStart, p.bCol, i0, i1);
      return;
    }
    for (int i = i0; i < i1; i++) {
      int from = p.aStart + i * p.aRow;
      int to = p.cStart + i * p.cRow;
      for (int j = 0; j < p.n; j++) {
        c[to + j] = dot(a, from, p.aCol, b, p.bStart + j * p.bCol, p.bRow, p.k);
      }
    }
    p.finish(i0, i1, 0, p.n);
  }

  private static float dot(float[] a, int i, int aStep, float[] b, int j, int bStep, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int x = 0;
    for (; x < n - 3; x += 4) {
      s0 += a[i] * b[j];
      s1 += a[i + aStep] * b[j + bStep];
      s2 += a[i + 2 * aStep] * b[j + 2 * bStep];
      s3 += a[i + 3 * aStep] * b[j + 3 * bStep];
      i += 4 * aStep;
      j += 4 * bStep;
    }
    for (; x < n; x++) {
      s0 += a[i] * b[j];
      i += aStep;
      j += bStep;
    }
    return (s0 + s2) + (s1 + s3);
  }

  private void tiled(Product p, int i0, int i1, int j0) {
    Rows rows = free.poll();
    if (rows == null) {
      rows = new Rows();
    }
    int n = Math.min(NC, p.n - j0);
    int step = BlockedGemm.step(DType.F32, p.k);
    for (int k0 = 0; k0 < p.k; k0 += step) {
      int depth = Math.min(step, p.k - k0);
      pack(p, k0, depth, j0, n, rows.b);
      for (int i = i0; i < i1; i++) {
        multiply(p, rows, p.aStart + i * p.aRow + k0 * p.aCol, depth, n);
        write(rows.c, (float[]) p.c, p.cStart + i * p.cRow + j0, n, k0 > 0);
      }
    }
    p.finish(i0, i1, j0, j0 + n);
    free.add(rows);
  }

  private static void write(float[] row, float[] c, int at, int n, boolean adds) {
    if (adds) {
      for (int j = 0; j < n; j++) {
        c[at + j] += row[j];
      }
    } else {
      System.arraycopy(row, 0, c, at, n);
    }
  }

  private static void pack(Product p, int k0, int depth, int j0, int n, float[][] rows) {
    float[] b = (float[]) p.b;
    for (int k = 0; k < depth; k++) {
      int from = p.bStart + (k0 + k) * p.bRow + j0 * p.bCol;
      HostArrays.gather(b, from, p.bCol, rows[k], 0, n);
    }
  }

  private static void multiply(Product p, Rows rows, int from, int depth, int n) {
    float[] a = (float[]) p.a;
    float[][] b = rows.b;
    int step = p.aCol;
    Arrays.fill(rows.c, 0, n, 0);
    int k = 0;
    for (; k < depth - 3; k += 4) {
      int i = from + k * step;
      float s0 = a[i];
      float s1 = a[i + step];
      float s2 = a[i + 2 * step];
      float s3 = a[i + 3 * step];
      addFour(rows.c, b[k], b[k + 1], b[k + 2], b[k + 3], s0, s1, s2, s3, n);
    }
    for (; k < depth; k++) {
      addOne(rows.c, b[k], a[from + k * step], n);
    }
  }

  private static void addOne(float[] c, float[] b, float s, int n) {
    for (int j = 0; j < n; j++) {
      c[j] = Math.fma(s, b[j], c[j]);
    }
  }

  // Two rows of C at once would be faster on JDK 25 (58 against 42 GFLOP/s) but slower on 17 (12
  // against 36).
  private static void addFour(
      float[] c,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float s0,
      float s1,
      float s2,
      float s3,
      int n) {
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(s1, b1[j], Math.fma(s0, b0[j], c[j]));
      c[j] = Math.fma(s3, b3[j], Math.fma(s2, b2[j], sum));
    }
  }
}
