package dev.quern.cpu;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The F64 matrix product in loops that the compiler vectorises by itself. It does so on every
 * version only where all arrays of a loop share one plain index, hence rows of B and C in arrays of
 * their own.
 */
final class GemmF64 implements Gemm {
  private static final int KC = 256;
  private static final int NC = 512;

  /** Below this many multiplications nothing is packed. */
  private static final long SMALL = 1 << 13;

  /** Scratch of one thread. */
  private static final class Rows {
    final double[][] b = new double[KC][NC];
    final double[] c0 = new double[NC];
    final double[] c1 = new double[NC];
  }

  private final ConcurrentLinkedQueue<Rows> free = new ConcurrentLinkedQueue<>();

  @Override
  public void run(CpuContext context, Product p) {
    double rowNanos = MatmulKernel.NANOS * p.n * p.k;
    if (p.m < 4 && p.bCol == 1) {
      context
          .threads()
          .ranges(
              p.n, rowNanos / p.n * p.m * 4, (from, to) -> sums(p, 0, p.m, (int) from, (int) to));
    } else if (p.n < 4 || (long) p.m * p.n * p.k < SMALL) {
      context.threads().ranges(p.m, rowNanos * 4, (from, to) -> thin(p, (int) from, (int) to));
    } else {
      int blocks = (p.n + NC - 1) / NC;
      int chunks = Math.min((p.m + 7) / 8, 2 * context.threads().size());
      context
          .threads()
          .ranges(
              (long) blocks * chunks,
              rowNanos * p.m / chunks / blocks,
              (from, to) -> {
                for (long t = from; t < to; t++) {
                  int chunk = (int) (t % chunks);
                  int i0 = (int) ((long) p.m * chunk / chunks) & ~1;
                  int i1 =
                      chunk == chunks - 1 ? p.m : (int) ((long) p.m * (chunk + 1) / chunks) & ~1;
                  int j0 = (int) (t / chunks) * NC;
                  packed(p, i0, i1, j0, Math.min(p.n, j0 + NC));
                }
              });
    }
  }

  private static void thin(Product p, int i0, int i1) {
    if (p.bCol == 1 && p.n >= 4) {
      sums(p, i0, i1, 0, p.n);
    } else {
      dots(p, i0, i1);
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

  private static double dot(double[] a, int i, int aStep, double[] b, int j, int bStep, int n) {
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

  private void packed(Product p, int i0, int i1, int j0, int j1) {
    Rows rows = free.poll();
    if (rows == null) {
      rows = new Rows();
    }
    double[] a = (double[]) p.a;
    double[] c = (double[]) p.c;
    int n = j1 - j0;
    for (int k0 = 0; k0 < p.k; k0 += KC) {
      int depth = Math.min(KC, p.k - k0);
      pack(p, k0, depth, j0, n, rows.b);
      for (int i = i0; i < i1; i += 2) {
        int at0 = p.cStart + i * p.cRow + j0;
        int from0 = p.aStart + i * p.aRow + k0 * p.aCol;
        if (i + 1 == i1) {
          load(c, at0, rows.c0, n, k0 > 0);
          for (int k = 0; k < depth; k++) {
            one(rows.c0, rows.b[k], a[from0 + k * p.aCol], n);
          }
          System.arraycopy(rows.c0, 0, c, at0, n);
        } else {
          int at1 = at0 + p.cRow;
          load(c, at0, rows.c0, n, k0 > 0);
          load(c, at1, rows.c1, n, k0 > 0);
          two(p, rows, a, from0, depth, n);
          System.arraycopy(rows.c0, 0, c, at0, n);
          System.arraycopy(rows.c1, 0, c, at1, n);
        }
      }
    }
    p.finish(i0, i1, j0, j1);
    free.add(rows);
  }

  private static void load(double[] c, int at, double[] row, int n, boolean goesOn) {
    if (goesOn) {
      System.arraycopy(c, at, row, 0, n);
    } else {
      Arrays.fill(row, 0, n, 0);
    }
  }

  private static void pack(Product p, int k0, int depth, int j0, int n, double[][] rows) {
    double[] b = (double[]) p.b;
    for (int k = 0; k < depth; k++) {
      int from = p.bStart + (k0 + k) * p.bRow + j0 * p.bCol;
      HostArrays.gather(b, from, p.bCol, rows[k], 0, n);
    }
  }

  private static void two(Product p, Rows rows, double[] a, int from0, int depth, int n) {
    double[][] b = rows.b;
    int step = p.aCol;
    int from1 = from0 + p.aRow;
    int k = 0;
    for (; k < depth - 3; k += 4) {
      int i0 = from0 + k * step;
      int i1 = from1 + k * step;
      four(
          rows.c0,
          rows.c1,
          b[k],
          b[k + 1],
          b[k + 2],
          b[k + 3],
          a[i0],
          a[i0 + step],
          a[i0 + 2 * step],
          a[i0 + 3 * step],
          a[i1],
          a[i1 + step],
          a[i1 + 2 * step],
          a[i1 + 3 * step],
          n);
    }
    for (; k < depth; k++) {
      one(rows.c0, b[k], a[from0 + k * step], n);
      one(rows.c1, b[k], a[from1 + k * step], n);
    }
  }

  private static void one(double[] c, double[] b, double s, int n) {
    for (int j = 0; j < n; j++) {
      c[j] += s * b[j];
    }
  }

  private static void four(
      double[] c0,
      double[] c1,
      double[] b0,
      double[] b1,
      double[] b2,
      double[] b3,
      double s00,
      double s01,
      double s02,
      double s03,
      double s10,
      double s11,
      double s12,
      double s13,
      int n) {
    for (int j = 0; j < n; j++) {
      double x0 = b0[j];
      double x1 = b1[j];
      double x2 = b2[j];
      double x3 = b3[j];
      c0[j] += (s00 * x0 + s01 * x1) + (s02 * x2 + s03 * x3);
      c1[j] += (s10 * x0 + s11 * x1) + (s12 * x2 + s13 * x3);
    }
  }
}
