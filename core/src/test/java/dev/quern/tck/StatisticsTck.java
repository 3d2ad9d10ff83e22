package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is composed of reductions, and the positions of extremes. */
abstract class StatisticsTck extends Tck {
  private static final List<DType> FLOATS = List.of(DType.F32, DType.F64);
  private static final long[][] SHAPES = {{9}, {3, 5}, {2, 3, 4}, {2, 1, 3, 4}};

  @TestFactory
  Stream<DynamicTest> shouldAverage() {
    return perShape(
        (x, axis, layout) -> {
          Groups groups = new Groups(x.dims(), Groups.flags(x.rank(), axis));
          double tolerance = 24 * Bound.epsilon(x.dtype());
          Tensor t = layout.of(x);

          Expect.close(
              "mean", groups.reals(x, false, Groups::mean), tolerance, tolerance, t.mean(axis));
          Expect.close(
              "mean",
              groups.reals(x, true, Groups::mean),
              tolerance,
              tolerance,
              t.mean(axis, true));
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldFindVariance() {
    return perShape(
        (x, axis, layout) -> {
          Groups groups = new Groups(x.dims(), Groups.flags(x.rank(), axis));
          double tolerance = 64 * Bound.epsilon(x.dtype());
          Tensor t = layout.of(x);
          Values biased = groups.reals(x, true, v -> Groups.variance(0, v));

          Expect.close("var", biased, tolerance, 0, t.var(new int[] {axis}, 0, true));
          if (x.dim(axis < 0 ? axis + x.rank() : axis) > 1) {
            Values unbiased = groups.reals(x, false, v -> Groups.variance(1, v));
            Expect.close("var", unbiased, tolerance, 0, t.var(axis));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldKeepVarianceOfLargeNumbersAccurate() {
    return FLOATS.stream()
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      // sum(x^2) - n mean^2 would lose every digit here.
                      Values x = Samples.whole(dtype, 5, 4, 65537).mapReals(v -> v + 1_000_000);
                      double expected = Groups.variance(1, x.reals());

                      double actual = x.upload().var().item();

                      assertEquals(expected, actual, 2e-3 * expected);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shouldFindFirstExtreme() {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (long[] dims : SHAPES) {
                        for (int axis = 0; axis < dims.length; axis++) {
                          for (Layout layout : Layout.values()) {
                            // Few different values, so that most rows have ties.
                            checkArg(Samples.whole(dtype, axis, 2, dims), axis, layout);
                          }
                        }
                      }
                      for (long n : new long[] {1, 31, 33, 257, 65537}) {
                        checkArg(Samples.whole(dtype, n, 1000, n), 0, Layout.CONTIGUOUS);
                        checkArg(Samples.whole(dtype, n, 3, n), 0, Layout.REVERSED);
                      }
                      checkArg(Samples.whole(dtype, 2, 50, 3, 4097), 1, Layout.CONTIGUOUS);
                      checkArg(Samples.whole(dtype, 2, 50, 4097, 3), 0, Layout.CONTIGUOUS);
                    }));
  }

  private static void checkArg(Values x, int axis, Layout layout) {
    scoped(
        () -> {
          Groups groups = new Groups(x.dims(), Groups.flags(x.rank(), axis));
          Tensor t = layout.of(x);
          String what =
              x.dtype() + " " + Arrays.toString(x.dims()) + " axis " + axis + " " + layout;
          Expect.same("argmax " + what, arg(true, x, groups, false), t.argmax(axis));
          Expect.same("argmin " + what, arg(false, x, groups, true), t.argmin(axis, true));
        });
  }

  private static Values arg(boolean greatest, Values x, Groups groups, boolean keepDims) {
    return groups.reals(x, keepDims, v -> Groups.arg(greatest, v)).cast(DType.I64);
  }

  @TestFactory
  Stream<DynamicTest> shouldFindNanFirst() {
    return FLOATS.stream()
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (int n : new int[] {2, 33, 300}) {
                        for (int at : new int[] {0, n / 2, n - 1}) {
                          double[] values = new double[n];
                          values[0] = Double.POSITIVE_INFINITY;
                          values[1] = Double.NEGATIVE_INFINITY;
                          values[n - 1] = Double.NaN;
                          values[at] = Double.NaN;
                          Tensor x = Values.reals(dtype, values, n).upload();

                          assertEquals(at, x.argmax().itemLong());
                          assertEquals(at, x.argmin().itemLong());
                        }
                      }
                    }));
  }

  @Test
  void shouldFindExtremeOfFlattenedTensor() {
    Tensor x = Tensor.of(new float[] {1, 5, 2, 7, 0, 7}, 2, 3);

    assertEquals(3, x.argmax().itemLong());
    assertEquals(4, x.argmin().itemLong());
    assertEquals(0, Tensor.scalar(4).argmax().itemLong());
  }

  @Test
  void shouldFindExtremeAmongInfinities() {
    Tensor x = Tensor.full(Double.NEGATIVE_INFINITY, 40);

    assertEquals(0, x.argmax().itemLong());
    assertEquals(0, x.neg().argmin().itemLong());
  }

  @Test
  void shouldFindExtremeIntegers() {
    Tensor x = Tensor.of(new long[] {Long.MAX_VALUE - 1, Long.MAX_VALUE, Long.MIN_VALUE, 0}, 4);

    assertEquals(1, x.argmax().itemLong());
    assertEquals(2, x.argmin().itemLong());
    assertEquals(Long.MAX_VALUE, x.max().itemLong());
  }

  @Test
  void shouldAnswerAnyAndAll() {
    Tensor x = Tensor.of(new int[] {0, 0, 0, 3, -1, 2}, 2, 3);

    Expect.same(Values.integers(DType.BOOL, new long[] {0, 1}, 2), x.any(1));
    Expect.same(Values.integers(DType.BOOL, new long[] {0, 1}, 2), x.all(1));
    Expect.same(Values.integers(DType.BOOL, new long[] {1, 1, 1}, 3), x.any(0));
    assertEquals(DType.BOOL, x.any().dtype());
    assertEquals(0, x.all().itemLong());
  }

  @Test
  void shouldAnswerAnyAndAllOverNothing() {
    Tensor x = Tensor.zeros(DType.BOOL, 0);

    assertEquals(0, x.any().itemLong());
    assertEquals(1, x.all().itemLong());
  }

  @Test
  void shouldCountNanAsTrue() {
    assertEquals(1, Tensor.full(Double.NaN, 1).any().itemLong());
  }

  @Test
  void shouldAverageIntegersInFloat() {
    Tensor mean = Tensor.of(new int[] {1, 2}, 2).mean();

    assertEquals(DType.F32, mean.dtype());
    assertEquals(1.5, mean.item(), 0);
  }

  @Test
  void shouldReturnNanForMeanOfNothing() {
    assertTrue(Double.isNaN(Tensor.zeros(0).mean().item()));
    assertTrue(Double.isNaN(Tensor.zeros(3, 0).mean(1).toFloatArray()[2]));
  }

  @Test
  void shouldReturnNanForVarianceOfOne() {
    assertTrue(Double.isNaN(Tensor.ones(1).var().item()));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 4);
    return Stream.of(
        test("mean", () -> GradCheck.check("mean", t -> t.mean(), x)),
        test("mean of an axis", () -> GradCheck.check("mean", t -> t.mean(0, true), x)),
        test("var", () -> GradCheck.check("var", t -> t.var(), x)),
        test("var of an axis", () -> GradCheck.check("var", t -> t.var(1), x)));
  }

  /** What is checked for one array and axis. */
  private interface Body {
    void run(Values x, int axis, Layout layout);
  }

  private static Stream<DynamicTest> perShape(Body body) {
    return FLOATS.stream()
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (long[] dims : SHAPES) {
                        for (int axis = 0; axis < dims.length; axis++) {
                          for (Layout layout : Layout.values()) {
                            Values x = Samples.uniform(dtype, axis, -1, 2, dims);
                            int a = axis;
                            scoped(
                                () -> body.run(x, a - (layout.ordinal() % 2) * x.rank(), layout));
                          }
                        }
                      }
                      Values large = Samples.uniform(dtype, 4, -1, 2, 3, 65537);
                      body.run(large, 1, Layout.CONTIGUOUS);
                    }));
  }

  @Test
  void shouldNotDivideVarianceByNegativeCount() {
    assertEquals(Double.NaN, Tensor.zeros(0).var().item());
    assertEquals(Double.POSITIVE_INFINITY, Tensor.of(1f, 2f).var(new int[] {0}, 4, false).item());
  }
}
