package dev.quern.cpu;

import dev.quern.DType;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The F64 matrix product in loops that the compiler vectorises by itself. It does so on every
 * version only where all arrays of a loop share one plain index, hence rows of B and C in arrays of
 * their own.
 *
 * <p>Tiled products add up the same products in the same order with the same fused operations as
 * {@link BlockedGemm}: the bits do not depend on which of the two runs.
 */
final class GemmF64 implements Gemm {
  private static final int KC = BlockedGemm.greatestDepth(DType.F64);
  private static final int NC = BlockedGemm.NC;

  /** Scratch of one thread. */
  private static final class Rows {
    final double[][] b = new double[KC][NC];
    final double[] c = new double[NC];
  }

  private final ConcurrentLinkedQueue<Rows> free = new ConcurrentLinkedQueue<>();

  @Override
  public void run(CpuContext context, Product p) {
    if (BlockedGemm.form(p).isUntiled()) {
      thin(context.threads(), p);
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

  /** Computes a product with one short side, or small on the whole, without packing anything. */
  static void thin(Threads threads, Product p) {
    double nanos = 0.3 * p.k;
    if (p.n == 1 && p.aRow == 1 && p.cRow == 1 && p.m > 1) {
      threads.ranges(p.m, nanos, (from, to) -> columns(p, (int) from, (int) to));
    } else if (p.bCol != 1 || p.n < 4) {
      threads.ranges(p.m, nanos * p.n, (from, to) -> dots(p, (int) from, (int) to));
    } else if (p.m < 4) {
      threads.ranges(p.n, nanos * p.m, (from, to) -> sums(p, 0, p.m, (int) from, (int) to));
    } else {
      threads.ranges(p.m, nanos * p.n, (from, to) -> sums(p, (int) from, (int) to, 0, p.n));
    }
  }

  // Rows of B, scaled, are added up in the rows of C.
  private static void sums(Product p, int i0, int i1, int j0, int j1) {
    double[] a = (double[]) p.a;
    double[] b = (double[]) p.b;
    double[] c = (double[]) p.c;
    for (int i = i0; i < i1; i++) {
      int at = p.cStart + i * p.cRow;
      Arrays.fill(c, at + j0, at + j1, 0);
      for (int k = 0; k < p.k; k++) {
        double s = a[p.aStart + i * p.aRow + k * p.aCol];
        int from = p.bStart + k * p.bRow;
        for (int j = j0; j < j1; j++) {
          c[at + j] += s * b[from + j];
        }
      }
    }
    p.finish(i0, i1, j0, j1);
  }

  // One column of C is the sum of those of a transposed A, scaled by the elements of B.
  private static void columns(Product p, int i0, int i1) {
    double[] a = (double[]) p.a;
    double[] b = (double[]) p.b;
    double[] c = (double[]) p.c;
    int at = p.cStart;
    Arrays.fill(c, at + i0, at + i1, 0);
    for (int k = 0; k < p.k; k++) {
      double s = b[p.bStart + k * p.bRow];
      int from = p.aStart + k * p.aCol;
      for (int i = i0; i < i1; i++) {
        c[at + i] += s * a[from + i];
      }
    }
    p.finish(i0, i1, 0, 1);
  }

  private static void dots(Product p, int i0, int i1) {
    double[] a = (double[]) p.a;
    double[] b = (double[]) p.b;
    double[] c = (double[]) p.c;
    for (int i = i0; i < i1; i++) {
      for (int j = 0; j < p.n; j++) {
        c[p.cStart + i * p.cRow + j] =
            dot(a, p.aStart + i * p.aRow, p.aCol, b, p.bStart + j * p.bCol, p.bRow, p.k);
      }
    }
    p.finish(i0, i1, 0, p.n);
  }

  // Eight sums hide how long an addition takes.
  private static double dot(double[] a, int i, double[] b, int j, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    int end = i + n;
    for (; i <= end - 8; i += 8, j += 8) {
      s0 += a[i] * b[j];
      s1 += a[i + 1] * b[j + 1];
      s2 += a[i + 2] * b[j + 2];
      s3 += a[i + 3] * b[j + 3];
      s4 += a[i + 4] * b[j + 4];
      s5 += a[i + 5] * b[j + 5];
      s6 += a[i + 6] * b[j + 6];
      s7 += a[i + 7] * b[j + 7];
    }
    for (; i < end; i++, j++) {
      s0 += a[i] * b[j];
    }
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
  }

  private static double dot(double[] a, int i, int aStep, double[] b, int j, int bStep, int n) {
    if (aStep == 1 && bStep == 1) {
      return dot(a, i, b, j, n);
    }
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
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
    int step = BlockedGemm.step(DType.F64, p.k);
    for (int k0 = 0; k0 < p.k; k0 += step) {
      int depth = Math.min(step, p.k - k0);
      pack(p, k0, depth, j0, n, rows.b);
      for (int i = i0; i < i1; i++) {
        multiply(p, rows, p.aStart + i * p.aRow + k0 * p.aCol, depth, n);
        write(rows.c, (double[]) p.c, p.cStart + i * p.cRow + j0, n, k0 > 0);
      }
    }
    p.finish(i0, i1, j0, j0 + n);
    free.add(rows);
  }

  private static void write(double[] row, double[] c, int at, int n, boolean adds) {
    if (adds) {
      for (int j = 0; j < n; j++) {
        c[at + j] += row[j];
      }
    } else {
      System.arraycopy(row, 0, c, at, n);
    }
  }

  private static void pack(Product p, int k0, int depth, int j0, int n, double[][] rows) {
    double[] b = (double[]) p.b;
    for (int k = 0; k < depth; k++) {
      int from = p.bStart + (k0 + k) * p.bRow + j0 * p.bCol;
      HostArrays.gather(b, from, p.bCol, rows[k], 0, n);
    }
  }

  private static void multiply(Product p, Rows rows, int from, int depth, int n) {
    double[] a = (double[]) p.a;
    double[][] b = rows.b;
    int step = p.aCol;
    Arrays.fill(rows.c, 0, n, 0);
    int k = 0;
    for (; k < depth - 3; k += 4) {
      int i = from + k * step;
      double s0 = a[i];
      double s1 = a[i + step];
      double s2 = a[i + 2 * step];
      double s3 = a[i + 3 * step];
      addFour(rows.c, b[k], b[k + 1], b[k + 2], b[k + 3], s0, s1, s2, s3, n);
    }
    for (; k < depth; k++) {
      addOne(rows.c, b[k], a[from + k * step], n);
    }
  }

  private static void addOne(double[] c, double[] b, double s, int n) {
    for (int j = 0; j < n; j++) {
      c[j] = Math.fma(s, b[j], c[j]);
    }
  }

  // Two rows of C at once would be slower on JDK 17, as in F32.
  private static void addFour(
      double[] c,
      double[] b0,
      double[] b1,
      double[] b2,
      double[] b3,
      double s0,
      double s1,
      double s2,
      double s3,
      int n) {
    for (int j = 0; j < n; j++) {
      double sum = Math.fma(s1, b1[j], Math.fma(s0, b0[j], c[j]));
      c[j] = Math.fma(s3, b3[j], Math.fma(s2, b2[j], sum));
    }
  }
}
