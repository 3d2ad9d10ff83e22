package dev.quern.bench.gpu;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.Locale;

/** A matrix product of normally distributed operands: BF16 ones for {@code bf16}, else F32 ones. */
final class Product implements Workload {
  private static final long WINDOW = 5;
  // Errors of random operands add up like a random walk; so many deviations never happen by chance.
  private static final double DEVIATIONS = 8;

  private final Task task;
  private final Precision precision;
  private final Tensor a;
  private final Tensor b;

  Product(Task task) {
    this.task = task;
    precision = precision(task);
    Generator generator = new Generator(task.hashCode());
    DType dtype = precision == Precision.BF16 ? DType.BF16 : DType.F32;
    a = Tensor.randn(generator, dtype, task.size(0), task.size(1)).realize();
    b = Tensor.randn(generator, dtype, task.size(1), task.size(2)).realize();
  }

  static Precision precision(Task task) {
    return Precision.valueOf(task.precision().toUpperCase(Locale.ROOT));
  }

  /** Returns how far one operand may be rounded, relative to it. */
  static double rounding(Precision precision) {
    return switch (precision) {
      case F32 -> 0;
      case TF32 -> 0x1p-11;
      case BF16 -> 0x1p-8;
    };
  }

  @Override
  public void run() {
    a.matmul(b, precision).realize();
  }

  @Override
  public double check() {
    try (Scope scope = Scope.open()) {
      Tensor product = a.matmul(b, precision).realize();
      return Math.max(checkElements(product), checkRowSums(product));
    }
  }

  // Within the bound that Precision promises for every element.
  private double checkElements(Tensor product) {
    int k = (int) task.size(1);
    double worst = 0;
    for (long row : Windows.starts(task.size(0), WINDOW, task.hashCode())) {
      long rowEnd = Math.min(task.size(0), row + WINDOW);
      float[] left = a.slice(0, row, rowEnd).toFloatArray();
      for (long column : Windows.starts(task.size(2), WINDOW, task.hashCode() + 1)) {
        long columnEnd = Math.min(task.size(2), column + WINDOW);
        int width = (int) (columnEnd - column);
        float[] right = b.slice(1, column, columnEnd).toFloatArray();
        float[] actual = product.slice(0, row, rowEnd).slice(1, column, columnEnd).toFloatArray();
        for (int e = 0; e < actual.length; e++) {
          double sum = 0;
          double absolute = 0;
          for (int p = 0; p < k; p++) {
            double term = (double) left[e / width * k + p] * right[p * width + e % width];
            sum += term;
            absolute += Math.abs(term);
          }
          double allowed = allowed(sum, absolute);
          String what = task.id() + " at " + (row + e / width) + ", " + (column + e % width);
          worst = Math.max(worst, WrongResultException.within(what, sum, actual[e], allowed));
        }
      }
    }
    return worst;
  }

  // F32 operands may be rounded first; of BF16 ones the result is.
  private double allowed(double sum, double absolute) {
    double u = rounding(precision);
    double added = task.size(1) * 0x1p-24 * absolute;
    return precision == Precision.BF16
        ? added + u * (Math.abs(sum) + added)
        : added + u * (2 + u) * absolute;
  }

  // Every element counts here: a row's sum is the row of a times the row sums of b.
  private double checkRowSums(Tensor product) {
    int k = (int) task.size(1);
    double spread = Math.sqrt((double) k * task.size(2));
    double allowed = DEVIATIONS * (rounding(precision) + (2 + Math.sqrt(k)) * 0x1p-24) * spread;
    float[] sums = product.cast(DType.F32).sum(1).toFloatArray();
    float[] right = b.cast(DType.F32).sum(1).toFloatArray();
    double worst = 0;
    long step = Math.max(1, (1L << 22) / k);
    for (long start = 0; start < task.size(0); start += step) {
      float[] left = a.slice(0, start, Math.min(task.size(0), start + step)).toFloatArray();
      for (int i = 0; i < left.length / k; i++) {
        double expected = 0;
        for (int p = 0; p < k; p++) {
          expected += (double) left[i * k + p] * right[p];
        }
        int row = (int) start + i;
        String what = task.id() + " sum of row " + row;
        worst = Math.max(worst, WrongResultException.within(what, expected, sums[row], allowed));
      }
    }
    return worst;
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }
}
