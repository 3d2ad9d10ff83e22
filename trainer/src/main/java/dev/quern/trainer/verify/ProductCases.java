package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Built-in cases: matrix products of even and odd sizes, transposed, batched, in each type. */
final class ProductCases {
  private static final int[][] SIZES = {
    {1, 1, 1}, {2, 3, 4}, {1, 257, 1}, {31, 33, 17}, {64, 64, 64}, {129, 300, 70}, {5, 0, 6}
  };

  private ProductCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>();
    for (DType dtype : TestData.FLOATING) {
      for (int[] size : SIZES) {
        String name = String.format("matmul %dx%dx%d %s", size[0], size[1], size[2], dtype);
        out.add(product(name, () -> matrices(dtype, size[0], size[1], size[2])));
      }
      out.add(product("matmul batched " + dtype, () -> batched(dtype)));
    }
    out.add(product("matmul integers", ProductCases::integers));
    return out;
  }

  private static VerifyCase product(String name, VerifyCase.Body body) {
    return new VerifyCase(name, "matmul", "linear-algebra", body);
  }

  /** Returns the product of [m, k] and [k, n] matrices that start at two offsets. */
  private static void multiply(
      double[] a, int fromA, double[] b, int fromB, int m, int k, int n, double[] out, int to) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += a[fromA + i * k + l] * b[fromB + l * n + j];
        }
        out[to + i * n + j] = sum;
      }
    }
  }

  /** All four combinations of transposed operands must give the same product. */
  private static Comparison matrices(DType dtype, int m, int k, int n) {
    double[] a = TestData.values(m * k, 1);
    double[] b = TestData.values(k * n, 2);
    double[] want = new double[m * n];
    multiply(a, 0, b, 0, m, k, n, want, 0);
    double[] bounds = TestData.bounds(m * n, bound(dtype, k));
    Tensor x = TestData.tensor(a, dtype, m, k);
    Tensor y = TestData.tensor(b, dtype, k, n);
    Tensor xt = x.transpose().contiguous().transpose();
    Tensor yt = y.transpose().contiguous().transpose();
    Comparison comparison = new Comparison();
    comparison.within("A B", x.matmul(y), want, bounds);
    comparison.within("A' B", xt.matmul(y), want, bounds);
    comparison.within("A B'", x.matmul(yt), want, bounds);
    comparison.within("A' B'", xt.matmul(yt), want, bounds);
    return comparison;
  }

  /** {@code K * eps * sum |a||b|}, where no term exceeds 1. */
  private static double bound(DType dtype, int k) {
    return (double) k * k * TestData.epsilon(dtype);
  }

  private static Comparison batched(DType dtype) {
    int m = 5;
    int k = 7;
    int n = 6;
    double[] a = TestData.values(2 * m * k, 1);
    double[] b = TestData.values(3 * k * n, 2);
    double[] want = new double[6 * m * n];
    for (int i = 0; i < 6; i++) {
      multiply(a, i / 3 * m * k, b, i % 3 * k * n, m, k, n, want, i * m * n);
    }
    Tensor x = TestData.tensor(a, dtype, 2, 1, m, k);
    Tensor y = TestData.tensor(b, dtype, 3, k, n);
    Comparison comparison = new Comparison();
    comparison.within("element", x.matmul(y), want, TestData.bounds(want.length, bound(dtype, k)));
    return comparison;
  }

  private static Comparison integers() {
    long[] a = {1L << 40, -3, 5, 7, 11, -(1L << 33)};
    long[] b = {2, 1L << 35, -9, 4, 6, 8};
    long[] want = new long[4];
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 3; k++) {
        want[i] += a[i / 2 * 3 + k] * b[k * 2 + i % 2];
      }
    }
    Comparison comparison = new Comparison();
    comparison.exact("element", Tensor.of(a, 2, 3).matmul(Tensor.of(b, 3, 2)), want);
    return comparison;
  }
}
