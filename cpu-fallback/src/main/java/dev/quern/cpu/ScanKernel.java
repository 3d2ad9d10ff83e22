package dev.quern.cpu;

import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;

/**
 * Running sums and products along the last axis, one row after the other, or, where the rows are
 * the columns of a matrix, many side by side. F32 accumulates in double and F64 sums carry what
 * each addition loses (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
 * Summen", 1974), so that the error does not grow with the length.
 */
final class ScanKernel {
  /** How many rows run side by side: their accumulators stay in the first-level cache. */
  private static final int PANEL = 256;

  private final boolean product;
  private final Object source;
  private final Object target;
  private final Space rows;
  private final int length;
  private final int sourceStep;
  private final int targetStep;

  private ScanKernel(boolean product, View input, View output) {
    this.product = product;
    source = CpuBuffer.array(input);
    target = CpuBuffer.array(output);
    int last = input.rank() - 1;
    length = (int) input.shape()[last];
    sourceStep = (int) input.strides()[last];
    targetStep = (int) output.strides()[last];
    int[] order = new int[last];
    Arrays.setAll(order, i -> i);
    rows = Space.of(List.of(input, output), input.shape(), order);
  }

  /** Computes running sums or products; see {@link dev.quern.spi.Backend#scan}. */
  static void run(CpuContext context, Reduction reduction, View input, View output) {
    ScanKernel kernel = new ScanKernel(reduction == Reduction.PROD, input, output);
    Space rows = kernel.rows;
    boolean columns = rows.innerStride(0) == 1 && rows.innerStride(1) == 1;
    long width = columns ? Math.min(PANEL, rows.inner()) : 1;
    long perLine = (rows.inner() + width - 1) / width;
    long panels = rows.size() / rows.inner() * perLine;
    double nanos = (double) kernel.length * width * (columns ? 1 : 3);
    context
        .threads()
        .ranges(
            panels,
            nanos,
            (from, to) -> {
              long[] at = new long[rows.rank()];
              double[] sums = new double[columns ? (int) width : 0];
              double[] lost = new double[columns ? (int) width : 0];
              long[] wholes = new long[columns ? (int) width : 0];
              for (long panel = from; panel < to; panel++) {
                long start = panel % perLine * width;
                rows.locate(panel / perLine * rows.inner() + start, at);
                int i = rows.position(0, at);
                int k = rows.position(1, at);
                if (columns) {
                  int n = (int) Math.min(width, rows.inner() - start);
                  kernel.panel(i, k, n, sums, lost, wholes);
                } else {
                  kernel.row(i, k);
                }
              }
            });
  }

  private void row(int i, int k) {
    if (source instanceof float[] a && target instanceof float[] o) {
      row(a, i, o, k);
    } else if (source instanceof double[] a && target instanceof double[] o) {
      row(a, i, o, k);
    } else {
      row((long[]) source, i, (long[]) target, k);
    }
  }

  private void row(float[] a, int i, float[] o, int k) {
    double all = product ? 1 : 0;
    for (int x = 0; x < length; x++) {
      float v = a[i + x * sourceStep];
      all = product ? all * v : all + v;
      o[k + x * targetStep] = (float) all;
    }
  }

  private void row(double[] a, int i, double[] o, int k) {
    double all = product ? 1 : 0;
    double lost = 0;
    for (int x = 0; x < length; x++) {
      double v = a[i + x * sourceStep];
      if (product) {
        all *= v;
      } else {
        double next = all + v;
        lost += error(all, v, next);
        all = next;
      }
      o[k + x * targetStep] = corrected(all, lost);
    }
  }

  private void row(long[] a, int i, long[] o, int k) {
    long all = product ? 1 : 0;
    for (int x = 0; x < length; x++) {
      long v = a[i + x * sourceStep];
      all = product ? all * v : all + v;
      o[k + x * targetStep] = all;
    }
  }

  private void panel(int i, int k, int width, double[] all, double[] lost, long[] wholes) {
    if (source instanceof float[] a && target instanceof float[] o) {
      panel(a, i, o, k, width, all);
    } else if (source instanceof double[] a && target instanceof double[] o) {
      panel(a, i, o, k, width, all, lost);
    } else {
      panel((long[]) source, i, (long[]) target, k, width, wholes);
    }
  }

  private void panel(float[] a, int i, float[] o, int k, int width, double[] all) {
    Arrays.fill(all, product ? 1 : 0);
    for (int x = 0; x < length; x++) {
      if (product) {
        for (int r = 0; r < width; r++) {
          all[r] *= a[i + r];
          o[k + r] = (float) all[r];
        }
      } else {
        for (int r = 0; r < width; r++) {
          all[r] += a[i + r];
          o[k + r] = (float) all[r];
        }
      }
      i += sourceStep;
      k += targetStep;
    }
  }

  private void panel(double[] a, int i, double[] o, int k, int width, double[] all, double[] lost) {
    Arrays.fill(all, product ? 1 : 0);
    Arrays.fill(lost, 0);
    for (int x = 0; x < length; x++) {
      if (product) {
        for (int r = 0; r < width; r++) {
          all[r] *= a[i + r];
          o[k + r] = all[r];
        }
      } else {
        for (int r = 0; r < width; r++) {
          double next = all[r] + a[i + r];
          lost[r] += error(all[r], a[i + r], next);
          all[r] = next;
          o[k + r] = corrected(next, lost[r]);
        }
      }
      i += sourceStep;
      k += targetStep;
    }
  }

  private void panel(long[] a, int i, long[] o, int k, int width, long[] all) {
    Arrays.fill(all, product ? 1 : 0);
    for (int x = 0; x < length; x++) {
      for (int r = 0; r < width; r++) {
        all[r] = product ? all[r] * a[i + r] : all[r] + a[i + r];
        o[k + r] = all[r];
      }
      i += sourceStep;
      k += targetStep;
    }
  }

  /** What {@code sum}, the rounded a + b, lacks; Knuth's form, which asks for no order. */
  private static double error(double a, double b, double sum) {
    double second = sum - a;
    return (a - (sum - second)) + (b - second);
  }

  /** The sum with what was lost; an infinite sum has lost NaN. */
  private static double corrected(double sum, double lost) {
    return Math.abs(sum) < Double.POSITIVE_INFINITY ? sum + lost : sum;
  }
}
