package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.TopK;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The greatest and least elements in order, and the last extreme. */
abstract class RankingTck extends Tck {
  @TestFactory
  Stream<DynamicTest> shouldFindTheBest() {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      // Few distinct values: most are tied.
                      Values x = Samples.whole(dtype, 1, 3, 3, 7, 4);
                      for (int axis = -3; axis < 3; axis++) {
                        for (Layout layout : Layout.values()) {
                          int n = (int) x.dim(axis < 0 ? axis + 3 : axis);
                          check(x, layout, axis, 0, true);
                          check(x, layout, axis, 1, false);
                          check(x, layout, axis, n, true);
                          check(x, layout, axis, n - 1, false);
                        }
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shouldFindMany() {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      Values x = Samples.random(dtype, 2, r -> r.nextInt(-40, 40), 3, 100);
                      check(x, Layout.CONTIGUOUS, 1, 32, true);
                      check(x, Layout.TRANSPOSED, 1, 33, true);
                      check(x, Layout.CONTIGUOUS, -1, 100, false);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shouldPutNanFirstAndInfinitiesInOrder() {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    double[] few = {-inf, 1, nan, -inf, inf, -0.0, 0.0, nan, -inf};
    double[] many = new double[45];
    Arrays.setAll(many, i -> few[i % few.length]);
    return Stream.of(DType.F32, DType.F64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (boolean largest : new boolean[] {false, true}) {
                        check(Values.reals(dtype, few, 9), Layout.CONTIGUOUS, 0, 9, largest);
                        check(Values.reals(dtype, many, 45), Layout.CONTIGUOUS, 0, 45, largest);
                      }
                    }));
  }

  private static void check(Values x, Layout layout, int axis, int k, boolean largest) {
    String what =
        x.dtype() + Arrays.toString(x.dims()) + layout + " axis " + axis + " k " + k + largest;
    int a = axis < 0 ? axis + x.rank() : axis;

    TopK top = layout.of(x).topK(k, axis, largest);

    long[] dims = x.dims();
    dims[a] = k;
    int[][] rows = new Groups(x.dims(), Groups.flags(x.rank(), a)).members;
    int[][] places = new Groups(dims, Groups.flags(x.rank(), a)).members;
    long[] expected = new long[Values.count(dims)];
    int[] source = new int[expected.length];
    for (int r = 0; r < rows.length; r++) {
      int[] row = rows[r];
      int[] order =
          IntStream.range(0, row.length)
              .boxed()
              .sorted(Comparator.comparing((Integer i) -> row[i], better(x, largest)))
              .mapToInt(i -> i)
              .toArray();
      for (int i = 0; i < k; i++) {
        expected[places[r][i]] = order[i];
        source[places[r][i]] = row[order[i]];
      }
    }
    Expect.same(what, Values.integers(DType.I64, expected, dims), top.indices());
    Expect.same(what, x.pick(dims, i -> source[i]), top.values());
  }

  // A stable sort leaves equal elements in order; 0.0 equals -0.0, and NaN precedes all.
  private static Comparator<Integer> better(Values x, boolean largest) {
    if (!x.dtype().isFloat()) {
      Comparator<Integer> ascending = Comparator.comparingLong(x::integer);
      return largest ? ascending.reversed() : ascending;
    }
    return (i, j) -> {
      double a = x.real(i);
      double b = x.real(j);
      if (Double.isNaN(a) || Double.isNaN(b)) {
        return Boolean.compare(Double.isNaN(b), Double.isNaN(a));
      }
      return a == b ? 0 : largest == a > b ? -1 : 1;
    };
  }

  @Test
  void shouldFindTheLastExtreme() {
    Tensor x = Tensor.of(new int[] {2, 5, 5, 1, 3, 1, 4, 1}, 2, 4);

    Expect.same(Values.integers(DType.I64, new long[] {2, 2}, 2, 1), x.argmax(1, true, true));
    Expect.same(Values.integers(DType.I64, new long[] {1, 2}, 2), x.argmax(1, false, false));
    Expect.same(Values.integers(DType.I64, new long[] {3, 3}, 2), x.argmin(-1, false, true));
    Expect.same(Values.integers(DType.I64, new long[] {3, 1}, 2), x.argmin(-1, false, false));
  }

  @Test
  void shouldRefuseMoreThanThereIs() {
    Tensor x = Tensor.zeros(2, 3);

    assertThrows(IllegalArgumentException.class, () -> x.topK(4, 1, true));
    assertThrows(IllegalArgumentException.class, () -> x.topK(-1, 1, true));
    assertThrows(IllegalArgumentException.class, () -> x.topK(1, 2, true));
    assertEquals(0, Tensor.zeros(0, 3).topK(2, 1, true).values().size());
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 40);
    return Stream.of(
        test("few", () -> GradCheck.check("topK", t -> t.topK(3, 1, true).values(), x)),
        test("many", () -> GradCheck.check("topK", t -> t.topK(35, 1, false).values(), x)));
  }

  @TestFactory
  Stream<DynamicTest> shouldFindNorms() {
    return Stream.of(DType.F32, DType.F64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      Values x = Samples.uniform(dtype, 7, -2, 2, 3, 50);
                      Groups groups = new Groups(x.dims(), Groups.flags(2, 1));
                      Tensor t = x.upload();
                      int[] axis = {1};
                      double bound = 40 * Bound.epsilon(dtype);

                      for (double p : new double[] {1, 2, 3, 2.5}) {
                        Values exact = groups.reals(x, true, v -> norm(p, v));
                        Expect.close("norm " + p, exact, bound, 0, t.norm(p, axis, true));
                      }
                      Values greatest = groups.reals(x, false, v -> Groups.max(abs(v)));
                      Tensor most = t.norm(Double.POSITIVE_INFINITY, axis, false);
                      Expect.close("norm inf", greatest, 0, 0, most);
                      Values square = groups.reals(x, false, v -> Math.pow(norm(2, v), 2));
                      Expect.close("sumSquare", square, bound, 0, t.sumSquare(1));
                      Values log = groups.reals(x, false, v -> Math.log(norm(1, v)));
                      Expect.close("logSum", log, bound, bound, t.abs().logSum(1));
                    }));
  }

  private static double norm(double p, double... v) {
    return Math.pow(
        Groups.sum(Arrays.stream(v).map(e -> Math.pow(Math.abs(e), p)).toArray()), 1 / p);
  }

  private static double[] abs(double... v) {
    return Arrays.stream(v).map(Math::abs).toArray();
  }

  @Test
  void shouldSumSquaresOfIntegers() {
    Tensor x = Tensor.of(new int[] {3, -4}, 2);

    assertEquals(25, x.sumSquare().itemLong());
    assertEquals(5, x.norm().item(), 0);
    assertThrows(IllegalArgumentException.class, () -> x.norm(0.5, new int[0], false));
  }

  @Test
  void shouldHaveNoGradientOfANormAtZero() {
    for (double p : new double[] {1, 2, 3}) {
      Tensor x = Tensor.zeros(DType.F64, 3).realize().requiresGrad(true);

      x.norm(p, new int[0], false).backward();

      Expect.same(Values.of(new double[3], 3), x.grad().orElseThrow());
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferencesOfNorms() {
    Values x = Samples.uniform(DType.F64, 31, 0.5, 2, 3, 4);
    return Stream.of(1.0, 2.0, 3.0, Double.POSITIVE_INFINITY)
        .map(
            p ->
                test(
                    "norm " + p,
                    () ->
                        GradCheck.check("norm", t -> t.sub(1.1).norm(p, new int[] {1}, false), x)));
  }
}
