package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Running sums and products along any axis. */
abstract class ScanTck extends Tck {
  private static final long[][] SHAPES = {
    {1}, {33}, {3, 5}, {5, 1}, {1, 5}, {2, 3, 4}, {2, 1, 3, 4}, {3, 257}, {257, 3}, {31, 600}
  };
  private static final boolean[] FLAGS = {false, true};

  @TestFactory
  Stream<DynamicTest> shouldMatchOracle() {
    return perType(
        dtype -> {
          for (long[] dims : SHAPES) {
            for (int axis = 0; axis < dims.length; axis++) {
              for (Layout layout : layouts(dims)) {
                // Factors near 1, so that a long product neither overflows nor vanishes.
                Values x =
                    dtype.isFloat()
                        ? Samples.uniform(dtype, axis + 1, 0.9, 1.1, dims)
                        : Samples.random(dtype, axis + 1, r -> 0, dims);
                checkAll(x, axis, layout);
              }
            }
          }
        });
  }

  private static List<Layout> layouts(long... dims) {
    return Values.count(dims) < 500
        ? List.of(Layout.values())
        : List.of(Layout.CONTIGUOUS, Layout.TRANSPOSED, Layout.STRIDED_BACK);
  }

  private static void checkAll(Values x, int axis, Layout layout) {
    for (boolean product : FLAGS) {
      for (boolean exclusive : FLAGS) {
        for (boolean reverse : FLAGS) {
          scoped(() -> check(x, axis, layout, product, exclusive, reverse));
        }
      }
    }
  }

  private static void check(
      Values x, int axis, Layout layout, boolean product, boolean exclusive, boolean reverse) {
    String what =
        (product ? "cumprod " : "cumsum ")
            + x.dtype()
            + Arrays.toString(x.dims())
            + " axis "
            + axis
            + (exclusive ? " exclusive " : " ")
            + (reverse ? "reverse " : "")
            + layout;

    Tensor t = layout.of(x);
    Tensor y = product ? t.cumprod(axis, exclusive, reverse) : t.cumsum(axis, exclusive, reverse);

    int[][] rows = new Groups(x.dims(), Groups.flags(x.rank(), axis)).members;
    if (!x.dtype().isFloat()) {
      long[] exact = new long[x.size()];
      for (int[] row : rows) {
        long all = product ? 1 : 0;
        for (int n = 0; n < row.length; n++) {
          int at = row[reverse ? row.length - 1 - n : n];
          long next = product ? all * x.integer(at) : all + x.integer(at);
          exact[at] = exclusive ? all : next;
          all = next;
        }
      }
      Expect.same(what, Values.integers(DType.I64, exact, x.dims()), y);
      return;
    }
    double[] exact = new double[x.size()];
    double[] allowed = new double[x.size()];
    double eps = Bound.epsilon(x.dtype());
    for (int[] row : rows) {
      for (int n = 0; n < row.length; n++) {
        int count = exclusive ? n : n + 1;
        double[] terms = new double[count];
        double size = 0;
        for (int m = 0; m < count; m++) {
          terms[m] = x.real(row[reverse ? row.length - 1 - m : m]);
          size += Math.abs(terms[m]);
        }
        int at = row[reverse ? row.length - 1 - n : n];
        exact[at] = product ? Groups.product(terms) : Groups.sum(terms);
        // Each product rounds once; a sum's depth is the logarithm of its length.
        allowed[at] =
            product
                ? 2 * eps * count * Math.abs(exact[at])
                : eps * (4 + 2 * Math.log(count + 1.0)) * size;
      }
    }
    Expect.near(what, Values.of(exact, x.dims()), i -> allowed[i], y);
  }

  @TestFactory
  Stream<DynamicTest> shouldStayAccurateOverManyElements() {
    return Stream.of(DType.F32, DType.F64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      int n = 200_003;
                      Values x = Samples.uniform(dtype, 5, 0, 1, n);

                      Tensor y = x.upload().cumsum(0);

                      double[] exact = new double[n];
                      double sum = 0;
                      double lost = 0;
                      for (int i = 0; i < n; i++) {
                        double next = sum + x.real(i);
                        lost += sum - next + x.real(i);
                        sum = next;
                        exact[i] = sum + lost;
                      }
                      double bound = 48 * Bound.epsilon(dtype);
                      Expect.close("cumsum", Values.of(exact, n), bound, 0, y);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shouldCarryInfinitiesAndNan() {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    return Stream.of(DType.F32, DType.F64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      Tensor x =
                          Values.reals(dtype, new double[] {1, inf, 2, -inf, 3, nan, 2, 4}, 2, 4)
                              .upload();

                      Values sums =
                          Values.reals(
                              dtype, new double[] {1, inf, inf, nan, 3, nan, nan, nan}, 2, 4);
                      Expect.same(sums, x.cumsum(1));
                      Values products =
                          Values.reals(
                              dtype, new double[] {1, inf, inf, -inf, 3, nan, nan, nan}, 2, 4);
                      Expect.same(products, x.cumprod(1));
                    }));
  }

  @Test
  void shouldTakeEmptyShapes() {
    assertEquals(0, Tensor.zeros(0, 3).cumsum(1).size());
    assertEquals(0, Tensor.zeros(3, 0).cumprod(1).size());
    assertEquals(0, Tensor.zeros(0, 3).cumsum(0, true, true).size());
  }

  @Test
  void shouldRefuseAnAxisOutOfRange() {
    Tensor x = Tensor.zeros(2, 3);

    assertThrows(IllegalArgumentException.class, () -> x.cumsum(2));
    assertThrows(IllegalArgumentException.class, () -> x.cumprod(-3));
    assertThrows(IllegalArgumentException.class, () -> Tensor.scalar(1).cumsum(0));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 41, -2, 2, 3, 4);
    // No zero, one, two and three of them, at the ends and inside.
    double[] zeros = {
      1.5, -2, 0.5, 3, 1.5, 0, 0.5, 3, 0, -2, 0.5, 0, 1.5, 0, 0, 3, 0, 0, 0.5, 0, 1, 2, 3, 0
    };
    Values holes = Values.of(zeros, 6, 4);
    return Stream.of(0, 1, 2, 3)
        .flatMap(
            flags -> {
              boolean exclusive = (flags & 1) != 0;
              boolean reverse = (flags & 2) != 0;
              String name = (exclusive ? " exclusive" : "") + (reverse ? " reverse" : "");
              return Stream.of(
                  test(
                      "cumsum" + name,
                      () -> GradCheck.check("cumsum", t -> t.cumsum(1, exclusive, reverse), x)),
                  test(
                      "cumprod" + name,
                      () -> GradCheck.check("cumprod", t -> t.cumprod(0, exclusive, reverse), x)),
                  test(
                      "cumprod of zeros" + name,
                      () ->
                          GradCheck.check(
                              "cumprod", t -> t.cumprod(1, exclusive, reverse), holes)));
            });
  }

  /** What is checked for one type. */
  private interface Body {
    void run(DType dtype);
  }

  private static Stream<DynamicTest> perType(Body body) {
    return Arrays.stream(DType.values())
        .map(dtype -> test(dtype.toString(), () -> body.run(dtype)));
  }
}
