package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Built-in cases: operands laid out in every way, fused chains, and what moves elements. */
final class ProgramCases {
  private static final int ROWS = 37;
  private static final int COLUMNS = 53;

  private ProgramCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>();
    for (DType dtype : TestData.FLOATING) {
      out.add(layout("transposed", dtype, () -> transposed(dtype)));
      out.add(layout("broadcast", dtype, () -> broadcast(dtype)));
      out.add(layout("sliced", dtype, () -> sliced(dtype)));
      out.add(layout("empty", dtype, () -> empty(dtype)));
      out.add(layout("concat", dtype, () -> concat(dtype)));
      out.add(layout("gather", dtype, () -> gather(dtype)));
      for (int n : new int[] {1, 31, 33, 257, 65_537}) {
        String name = "fused chain of " + n + " " + dtype;
        out.add(new VerifyCase(name, "program", "fusion", () -> chain(dtype, n)));
      }
      out.add(new VerifyCase("fused sum " + dtype, "program", "fusion", () -> prologue(dtype)));
      out.add(new VerifyCase("fused layer " + dtype, "program", "fusion", () -> epilogue(dtype)));
    }
    return out;
  }

  private static VerifyCase layout(String name, DType dtype, VerifyCase.Body body) {
    return new VerifyCase(name + " " + dtype, name, "layout", body);
  }

  private static double[] left() {
    return TestData.values(ROWS * COLUMNS, 1);
  }

  private static double rounded(DType dtype, double value) {
    return dtype == DType.F32 ? (float) value : value;
  }

  private static Comparison equal(Tensor got, double[] want) {
    Comparison comparison = new Comparison();
    comparison.within("element", got, want, new double[want.length]);
    return comparison;
  }

  private static Comparison transposed(DType dtype) {
    double[] a = left();
    double[] b = TestData.values(ROWS * COLUMNS, 2);
    double[] want = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      int row = i / ROWS;
      int column = i % ROWS;
      want[i] = rounded(dtype, a[column * COLUMNS + row] + b[i]);
    }
    Tensor x = TestData.tensor(a, dtype, ROWS, COLUMNS);
    return equal(x.transpose().add(TestData.tensor(b, dtype, COLUMNS, ROWS)), want);
  }

  private static Comparison broadcast(DType dtype) {
    double[] a = TestData.values(ROWS, 1);
    double[] b = TestData.values(COLUMNS, 2);
    double[] want = new double[ROWS * COLUMNS];
    Arrays.setAll(want, i -> rounded(dtype, a[i / COLUMNS] * b[i % COLUMNS]));
    Tensor column = TestData.tensor(a, dtype, ROWS, 1);
    return equal(column.mul(TestData.tensor(b, dtype, COLUMNS)), want);
  }

  private static Comparison sliced(DType dtype) {
    double[] a = left();
    int rows = (ROWS - 3) / 2;
    int columns = COLUMNS - 5;
    double[] want = new double[rows * columns];
    for (int i = 0; i < want.length; i++) {
      int row = 3 + 2 * (i / columns);
      int column = COLUMNS - 1 - i % columns;
      want[i] = -a[row * COLUMNS + column];
    }
    Tensor x = TestData.tensor(a, dtype, ROWS, COLUMNS);
    return equal(x.slice(0, 3, ROWS, 2).flip(1).slice(1, 0, columns).neg(), want);
  }

  private static Comparison empty(DType dtype) {
    Comparison comparison = equal(Tensor.zeros(dtype, 0, 3).exp(), new double[0]);
    Tensor sums = Tensor.zeros(dtype, 0, 3).sum(0);
    comparison.within("sum", sums, new double[3], new double[3]);
    return comparison;
  }

  private static Comparison concat(DType dtype) {
    double[] a = left();
    Tensor x = TestData.tensor(a, dtype, ROWS, COLUMNS);
    Tensor joined = Tensor.concat(1, x, x.slice(1, 0, 2));
    double[] want = new double[ROWS * (COLUMNS + 2)];
    Arrays.setAll(want, i -> a[i / (COLUMNS + 2) * COLUMNS + i % (COLUMNS + 2) % COLUMNS]);
    return equal(joined, want);
  }

  private static Comparison gather(DType dtype) {
    double[] a = left();
    int[] columns = new int[ROWS];
    Arrays.setAll(columns, i -> i * 7 % COLUMNS);
    double[] want = new double[ROWS];
    Arrays.setAll(want, i -> a[i * COLUMNS + columns[i]]);
    Tensor x = TestData.tensor(a, dtype, ROWS, COLUMNS);
    return equal(x.gather(1, Tensor.of(columns, ROWS, 1)), want);
  }

  /** A chain of roundings that the oracle repeats one by one. */
  private static Comparison chain(DType dtype, int n) {
    double[] a = TestData.values(n, 1);
    double[] b = TestData.values(n, 2);
    double[] want = new double[n];
    for (int i = 0; i < n; i++) {
      double product = rounded(dtype, a[i] * b[i]);
      double sum = rounded(dtype, product + 0.25);
      double positive = Math.max(sum, 0);
      want[i] = rounded(dtype, rounded(dtype, Math.sqrt(positive)) - a[i]);
    }
    Tensor x = TestData.tensor(a, dtype, n);
    Tensor y = TestData.tensor(b, dtype, n);
    return equal(x.mul(y).add(0.25).relu().sqrt().sub(x), want);
  }

  private static Comparison prologue(DType dtype) {
    double[] a = left();
    double[] b = TestData.values(a.length, 2);
    // A stream's sum is compensated: the oracle must be nearer to the truth than the device.
    double want =
        IntStream.range(0, a.length).mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i])).sum();
    Tensor x = TestData.tensor(a, dtype, a.length);
    Tensor y = TestData.tensor(b, dtype, a.length);
    Comparison comparison = new Comparison();
    double bound = 32 * TestData.epsilon(dtype) * want;
    comparison.within("sum", x.sub(y).square().sum(), new double[] {want}, new double[] {bound});
    return comparison;
  }

  private static Comparison epilogue(DType dtype) {
    int inner = 29;
    double[] a = TestData.values(ROWS * inner, 1);
    double[] b = TestData.values(inner * COLUMNS, 2);
    double[] c = TestData.values(COLUMNS, 3);
    double[] want = new double[ROWS * COLUMNS];
    for (int i = 0; i < want.length; i++) {
      double sum = c[i % COLUMNS];
      for (int k = 0; k < inner; k++) {
        sum += a[i / COLUMNS * inner + k] * b[k * COLUMNS + i % COLUMNS];
      }
      want[i] = Math.max(sum, 0);
    }
    Tensor x = TestData.tensor(a, dtype, ROWS, inner);
    Tensor w = TestData.tensor(b, dtype, inner, COLUMNS);
    Tensor y = x.matmul(w).add(TestData.tensor(c, dtype, COLUMNS)).relu();
    Comparison comparison = new Comparison();
    // Every term is below 1 in size.
    double bound = (inner + 1.0) * (inner + 1) * TestData.epsilon(dtype);
    comparison.within("element", y, want, TestData.bounds(want.length, bound));
    return comparison;
  }
}
