package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Matrix products of any shape, layout and type. */
abstract class MatmulTck extends Tck {
  private static final List<DType> FLOATS = List.of(DType.F32, DType.F64);

  private static final long[][][] SHAPES = {
    {{1, 1}, {1, 1}},
    {{2, 3}, {3, 4}},
    {{3, 1}, {1, 5}},
    {{1, 7}, {7, 1}},
    {{8, 8}, {8, 8}},
    {{16, 32}, {32, 16}},
    {{17, 31}, {31, 33}},
    {{33, 65}, {65, 9}},
    {{5, 257}, {257, 2}},
    {{65, 3}, {3, 129}},
    {{7}, {7}},
    {{7}, {7, 3}},
    {{3, 7}, {7}},
    {{2, 3, 4}, {2, 4, 5}},
    {{2, 3, 4}, {4, 5}},
    {{3, 4}, {2, 4, 5}},
    {{2, 1, 3, 4}, {5, 4, 2}},
    {{2, 3, 4}, {4}},
    {{4}, {2, 4, 5}},
    {{1, 3, 3, 4}, {2, 1, 4, 2}},
    {{2, 3, 2, 2, 3}, {2, 3, 2, 3, 2}}
  };

  private static final long[][][] EMPTY = {
    {{0, 3}, {3, 4}},
    {{2, 3}, {3, 0}},
    {{2, 0}, {0, 4}},
    {{0, 0}, {0, 0}},
    {{0}, {0}},
    {{2, 0}, {0}},
    {{0, 2, 3}, {3, 4}},
    {{2, 3, 0}, {2, 0, 4}},
    {{0, 1, 2, 3}, {4, 3, 2}}
  };

  @TestFactory
  Stream<DynamicTest> shouldMultiplyWholeNumbersExactly() {
    return Stream.of(DType.F32, DType.F64, DType.I32, DType.I64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (long[][] pair : SHAPES) {
                        for (Layout left : Layout.values()) {
                          Layout right =
                              Layout.values()[(left.ordinal() * 3 + 1) % Layout.values().length];
                          checkExact(dtype, left, right, pair);
                        }
                        checkExact(dtype, Layout.TRANSPOSED, Layout.TRANSPOSED, pair);
                      }
                      for (long[][] pair : EMPTY) {
                        checkExact(dtype, Layout.CONTIGUOUS, Layout.CONTIGUOUS, pair);
                      }
                    }));
  }

  private static void checkExact(DType dtype, Layout left, Layout right, long[][] pair) {
    Values a = Samples.whole(dtype, 1, 9, pair[0]);
    Values b = Samples.whole(dtype, 2, 9, pair[1]);
    String what = dtype + " " + Arrays.deepToString(pair) + " " + left + " x " + right;
    scoped(
        () -> Expect.same(what, product(a, b, false).cast(dtype), left.of(a).matmul(right.of(b))));
  }

  @TestFactory
  Stream<DynamicTest> shouldStayWithinBound() {
    long[][][] shapes = {
      {{17, 31}, {31, 33}},
      {{128, 100}, {100, 96}},
      {{3, 5000}, {5000, 2}},
      {{257, 300}, {300, 129}},
      {{2, 33, 65}, {2, 65, 17}},
      {{700, 20}, {20, 10}},
      {{1, 300}, {300, 700}}
    };
    return FLOATS.stream()
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (long[][] pair : shapes) {
                        checkBound(dtype, Layout.CONTIGUOUS, Layout.CONTIGUOUS, pair);
                        checkBound(dtype, Layout.TRANSPOSED, Layout.CONTIGUOUS, pair);
                        checkBound(dtype, Layout.EVERY_OTHER, Layout.TRANSPOSED, pair);
                      }
                    }));
  }

  private static void checkBound(DType dtype, Layout left, Layout right, long[][] pair) {
    Values a = Samples.uniform(dtype, 3, -1, 1, pair[0]);
    Values b = Samples.uniform(dtype, 4, -1, 1, pair[1]);
    Values magnitude = product(a, b, true);
    long inner = a.dim(a.rank() - 1);
    // The promised bound; the last factor leaves room for the rounding of the bound itself.
    double factor = inner * Bound.epsilon(dtype) * 1.000001;
    String what = dtype + " " + Arrays.deepToString(pair) + " " + left + " x " + right;
    scoped(
        () -> {
          Tensor y = left.of(a).matmul(right.of(b));
          Expect.near(what, product(a, b, false), i -> factor * magnitude.real(i), y);
        });
  }

  /** Returns the product in double under NumPy's rules, or that of the magnitudes. */
  static Values product(Values a, Values b, boolean magnitudes) {
    Values left = a.rank() == 1 ? a.reshape(1, a.dim(0)) : a;
    Values right = b.rank() == 1 ? b.reshape(b.dim(0), 1) : b;
    int m = (int) left.dim(left.rank() - 2);
    int k = (int) left.dim(left.rank() - 1);
    int n = (int) right.dim(right.rank() - 1);
    long[] batch =
        Values.broadcast(
            Arrays.copyOf(left.dims(), left.rank() - 2),
            Arrays.copyOf(right.dims(), right.rank() - 2));
    Values x = left.broadcastTo(with(batch, m, k));
    Values y = right.broadcastTo(with(batch, k, n));
    double[] out = new double[Values.count(with(batch, m, n))];
    double[] terms = new double[k];
    for (int i = 0; i < out.length; i++) {
      int column = i % n;
      int row = i / n % m;
      int matrix = i / n / m;
      for (int j = 0; j < k; j++) {
        double term = x.real((matrix * m + row) * k + j) * y.real((matrix * k + j) * n + column);
        terms[j] = magnitudes ? Math.abs(term) : term;
      }
      out[i] = Groups.sum(terms);
    }
    long[] dims = with(batch, m, n);
    if (a.rank() == 1) {
      dims = without(dims, dims.length - 2);
    }
    if (b.rank() == 1) {
      dims = without(dims, dims.length - 1);
    }
    return Values.of(out, dims);
  }

  private static long[] with(long[] batch, long rows, long columns) {
    long[] dims = Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = rows;
    dims[batch.length + 1] = columns;
    return dims;
  }

  private static long[] without(long[] dims, int axis) {
    long[] out = new long[dims.length - 1];
    for (int i = 0; i < out.length; i++) {
      out[i] = dims[i < axis ? i : i + 1];
    }
    return out;
  }

  @Test
  void shouldReturnZerosWithoutInnerElements() {
    Tensor y = Tensor.ones(2, 0).matmul(Tensor.ones(0, 3));

    assertArrayEquals(new float[6], y.toFloatArray());
  }

  @Test
  void shouldAddBiasWithoutInnerElements() {
    Tensor bias = Tensor.of(new float[] {1, -2, 3}, 3);

    Tensor y = Tensor.ones(2, 0).matmul(Tensor.ones(0, 3)).add(bias).relu();

    assertArrayEquals(new float[] {1, 0, 3, 1, 0, 3}, y.toFloatArray());
  }

  @Test
  void shouldWrapIntegers() {
    Tensor x = Tensor.full(DType.I32, 65536, 1, 2);

    assertEquals(0, x.matmul(x.transpose()).itemLong());
  }

  @Test
  void shouldPromoteMixedTypes() {
    Tensor ints = Tensor.of(new int[] {1, 2, 3, 4}, 2, 2);
    Tensor floats = Tensor.of(new float[] {0.5f, 1, 2, 4}, 2, 2);

    Tensor y = ints.matmul(floats);

    Expect.same(Values.reals(DType.F32, new double[] {4.5, 9, 9.5, 19}, 2, 2), y);
  }

  @TestFactory
  Stream<DynamicTest> shouldPropagateNanAndInfinity() {
    return FLOATS.stream()
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      double[] values = new double[20 * 20];
                      Arrays.fill(values, 0);
                      values[3 * 20 + 5] = Double.NaN;
                      values[7 * 20 + 5] = Double.POSITIVE_INFINITY;
                      Values a = Values.reals(dtype, values, 20, 20);
                      Values b = Samples.uniform(dtype, 5, 1, 2, 20, 20);

                      // 0 * infinity is NaN: no factor may be skipped because the other is 0.
                      Expect.same(plain(a, b), a.upload().matmul(b.upload()));
                      Expect.same(
                          plain(b.mapReals(v -> 0), a),
                          b.mapReals(v -> 0).upload().matmul(a.upload()));
                    }));
  }

  // All terms are 0, infinite or NaN, so that the order does not matter.
  private static Values plain(Values a, Values b) {
    int n = 20;
    double[] out = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      for (int k = 0; k < n; k++) {
        out[i] += a.real(i / n * n + k) * b.real(k * n + i % n);
      }
    }
    return Values.reals(a.dtype(), out, n, n);
  }

  @Test
  void shouldMultiplyByABroadcastMatrix() {
    Values a = Samples.whole(DType.F32, 1, 9, 1, 4);
    Values b = Samples.whole(DType.F32, 2, 9, 4, 1);
    Tensor x = a.upload().broadcastTo(3, 4);
    Tensor y = b.upload().broadcastTo(4, 5);

    Expect.same(
        product(a.broadcastTo(3, 4), b.broadcastTo(4, 5), false).cast(DType.F32), x.matmul(y));
  }

  @Test
  void shouldMultiplyATensorByItself() {
    Values a = Samples.whole(DType.F32, 1, 9, 33, 33);
    Tensor x = a.upload();

    Expect.same(product(a, a, false).cast(DType.F32), x.matmul(x));
    Expect.same(product(a, a.transpose(), false).cast(DType.F32), x.matmul(x.transpose()));
  }

  @Test
  void shouldReturnTheSameBitsEachTime() {
    Tensor a = Samples.uniform(DType.F32, 3, -1, 1, 130, 270).upload();
    Tensor b = Samples.uniform(DType.F32, 4, -1, 1, 270, 50).upload();
    Values first = Values.read(a.matmul(b));

    for (int i = 0; i < 10; i++) {
      Expect.same("run " + i, first, a.matmul(b));
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    long[][][] pairs = {
      {{2, 3}, {3, 4}},
      {{3}, {3}},
      {{3}, {3, 2}},
      {{2, 3}, {3}},
      {{2, 2, 3}, {3, 2}},
      {{2, 3}, {2, 3, 2}},
      {{2, 1, 2, 3}, {2, 3, 1}},
      {{2, 2, 3}, {3}},
      {{2, 0}, {0, 2}},
      {{0, 2}, {2, 3}}
    };
    return Stream.of(pairs)
        .map(
            pair ->
                test(
                    Arrays.deepToString(pair),
                    () ->
                        GradCheck.checkAll(
                            "matmul",
                            x -> x[0].matmul(x[1]),
                            Samples.uniform(DType.F64, 1, -1, 1, pair[0]),
                            Samples.uniform(DType.F64, 2, -1, 1, pair[1]))));
  }

  @Test
  void shouldFindGradientWithBiasAndActivation() {
    Values x = Samples.uniform(DType.F64, 1, -1, 1, 3, 2);
    Values w = Samples.uniform(DType.F64, 2, -1, 1, 2, 4);
    Values b = Samples.uniform(DType.F64, 3, -1, 1, 4);

    GradCheck.checkAll("relu", t -> t[0].matmul(t[1]).add(t[2]).relu(), x, w, b);
    GradCheck.checkAll("tanh", t -> t[0].matmul(t[1]).add(t[2]).tanh(), x, w, b);
    GradCheck.checkAll("sigmoid", t -> t[2].add(t[0].matmul(t[1])).sigmoid(), x, w, b);
  }

  @Test
  void shouldFindGradientOfTransposedOperands() {
    Values x = Samples.uniform(DType.F64, 1, -1, 1, 2, 3);
    Values w = Samples.uniform(DType.F64, 2, -1, 1, 4, 3);

    GradCheck.checkAll("x w'", t -> t[0].matmul(t[1].transpose()), x, w);
    GradCheck.checkAll("x' x", t -> t[0].transpose().matmul(t[0]), x);
  }
}
