package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The reductions: any axes, any layout, any size, and the promised growth of the error. */
abstract class ReduceTck extends Tck {
  private static final long[][] SHAPES = {
    {}, {7}, {3, 5}, {2, 3, 4}, {2, 3, 2, 4}, {2, 3, 1, 2, 4}
  };
  private static final int[] SIZES = {1, 31, 33, 257, 65537, 1 << 20};
  private static final List<DType> ALL =
      List.of(DType.F32, DType.F64, DType.I32, DType.I64, DType.BOOL);
  private static final List<DType> FLOATS = List.of(DType.F32, DType.F64);

  /** A reduction's tensor call, its true functions, and its error in units of roundoff. */
  private record Row(
      Reduction reduction,
      Call call,
      ToDoubleFunction<double[]> real,
      @Nullable ToLongFunction<long[]> whole,
      ToDoubleFunction<double[]> allowed) {
    Values expected(Values x, Groups groups, boolean keepDims) {
      if (x.dtype().isFloat()) {
        return groups.reals(x, keepDims, real);
      }
      boolean widens = reduction == Reduction.SUM || reduction == Reduction.PROD;
      DType dtype = widens ? DType.I64 : x.dtype();
      return groups.integers(
          x, keepDims, dtype, v -> v.length == 0 ? identity(x.dtype()) : combine(v));
    }

    private long combine(long... v) {
      return java.util.Objects.requireNonNull(whole).applyAsLong(v);
    }

    private long identity(DType dtype) {
      boolean max = reduction == Reduction.MAX;
      return switch (reduction) {
        case SUM, LOG_SUM_EXP -> 0;
        case PROD -> 1;
        case MAX, MIN ->
            switch (dtype) {
              case BOOL -> max ? 0 : 1;
              case I32 -> max ? Integer.MIN_VALUE : Integer.MAX_VALUE;
              default -> max ? Long.MIN_VALUE : Long.MAX_VALUE;
            };
      };
    }

    List<DType> dtypes() {
      return whole == null ? FLOATS : ALL;
    }

    @Override
    public String toString() {
      return reduction.name().toLowerCase(Locale.ROOT);
    }
  }

  private interface Call {
    Tensor apply(Tensor x, int[] axes, boolean keepDims);
  }

  private static List<Row> rows() {
    return List.of(
        new Row(
            Reduction.SUM,
            Tensor::sum,
            Groups::sum,
            v -> LongStream.of(v).sum(),
            // Blocked or pairwise: a fixed part, and a part that grows with the depth of the tree.
            x -> (16 + 2 * log2(x.length)) * magnitude(x)),
        new Row(
            Reduction.PROD,
            Tensor::prod,
            Groups::product,
            v -> LongStream.of(v).reduce(1, (a, b) -> a * b),
            // Every factor rounds once, whatever the order.
            x -> 1.01 * x.length * Math.abs(Groups.product(x))),
        new Row(
            Reduction.MAX, Tensor::max, Groups::max, v -> LongStream.of(v).max().orElse(0), x -> 0),
        new Row(
            Reduction.MIN, Tensor::min, Groups::min, v -> LongStream.of(v).min().orElse(0), x -> 0),
        new Row(
            Reduction.LOG_SUM_EXP,
            Tensor::logSumExp,
            Groups::logSumExp,
            null,
            // x - max and the final sum round relative to their values, the inner sum as a sum
            // does.
            x ->
                20
                    + 2 * log2(x.length)
                    + 4 * Math.abs(Groups.max(x))
                    + 2 * Math.abs(Groups.logSumExp(x))));
  }

  private static double log2(int n) {
    return Math.log(Math.max(1, n)) / Math.log(2);
  }

  private static double magnitude(double... x) {
    return Arrays.stream(x).map(Math::abs).sum();
  }

  private static void check(String what, Row row, Values x, Groups groups, boolean keep, Tensor y) {
    Values expected = row.expected(x, groups, keep);
    if (!x.dtype().isFloat()) {
      Expect.same(what, expected, y);
      return;
    }
    Values bound = groups.reals(x, keep, row.allowed);
    double eps = Bound.epsilon(x.dtype());
    Expect.near(what, expected, i -> eps * bound.real(i), Values.read(y), y.dtype());
  }

  @Test
  void shouldHaveRowForEveryReduction() {
    Set<Reduction> missing = EnumSet.allOf(Reduction.class);
    rows().forEach(row -> missing.remove(row.reduction));

    assertEquals(Set.of(), missing, "reductions without a row");
  }

  @TestFactory
  Stream<DynamicTest> shouldReduceAnyAxesExactly() {
    return perRowAndType(
        (row, dtype) -> {
          for (long[] dims : SHAPES) {
            for (int mask = 0; mask < 1 << dims.length; mask++) {
              int range = row.reduction == Reduction.PROD ? 2 : 9;
              Values x = Samples.whole(dtype, mask, range, dims);
              Layout layout = Layout.values()[mask % Layout.values().length];
              checkAxes(row, x, layout, mask, mask % 2 == 0);
              checkAxes(row, x, Layout.CONTIGUOUS, mask, mask % 2 == 1);
            }
          }
        });
  }

  private static void checkAxes(Row row, Values x, Layout layout, int mask, boolean keepDims) {
    int[] axes = new int[Integer.bitCount(mask)];
    for (int axis = 0, n = 0; axis < x.rank(); axis++) {
      if ((mask & 1 << axis) != 0) {
        // Every other one counted from the end.
        axes[n++] = axis % 2 == 0 ? axis : axis - x.rank();
      }
    }
    Groups groups = new Groups(x.dims(), Groups.flags(x.rank(), axes));
    String what =
        row + " " + Arrays.toString(x.dims()) + " axes " + Arrays.toString(axes) + " " + layout;
    scoped(
        () -> check(what, row, x, groups, keepDims, row.call.apply(layout.of(x), axes, keepDims)));
  }

  @TestFactory
  Stream<DynamicTest> shouldStayWithinBoundAtAnySize() {
    return perRowAndType(
        (row, dtype) -> {
          for (int n : SIZES) {
            boolean large = n > 1000;
            boolean full = !large || dtype == DType.F32;
            if (full || n < 100_000) {
              checkSize(row, Layout.CONTIGUOUS, dtype, 0, n);
            }
            if (full && n < 100_000) {
              checkSize(row, Layout.CONTIGUOUS, dtype, 1, 3, n);
              checkSize(row, Layout.CONTIGUOUS, dtype, 0, n, 3);
              checkSize(row, Layout.TRANSPOSED, dtype, 0, n, 3);
              checkSize(row, Layout.EVERY_OTHER, dtype, 0, n);
            }
          }
          checkSize(row, Layout.CONTIGUOUS, dtype, 0, 257, 129);
          checkSize(row, Layout.CONTIGUOUS, dtype, 1, 257, 129);
          checkSize(row, Layout.STRIDED_BACK, dtype, 1, 65, 129);
        });
  }

  private static void checkSize(Row row, Layout layout, DType dtype, int axis, long... dims) {
    boolean product = row.reduction == Reduction.PROD;
    // All of one sign, where a running sum would drift the most; factors that neither vanish nor
    // explode.
    Values x =
        dtype.isFloat()
            ? Samples.uniform(dtype, 21, product ? 0.999 : 0.1, product ? 1.001 : 1, dims)
            : Samples.random(dtype, 21, r -> 0, dims);
    Groups groups = new Groups(dims, Groups.flags(dims.length, axis));
    String what = row + " " + dtype + " " + Arrays.toString(dims) + " axis " + axis + " " + layout;
    scoped(
        () ->
            check(
                what,
                row,
                x,
                groups,
                false,
                row.call.apply(layout.of(x), new int[] {axis}, false)));
  }

  @TestFactory
  Stream<DynamicTest> shouldStayWithinBoundForMixedSigns() {
    return perRowAndType(
        rows().stream().filter(row -> row.reduction != Reduction.PROD),
        (row, dtype) -> {
          Values x = Samples.uniform(dtype, 22, -20, 20, 33, 257);
          for (int axis = 0; axis < 2; axis++) {
            Groups groups = new Groups(x.dims(), Groups.flags(2, axis));
            Tensor y = row.call.apply(x.upload(), new int[] {axis}, true);
            check(row + " mixed signs", row, x, groups, true, y);
          }
        },
        FLOATS);
  }

  @TestFactory
  Stream<DynamicTest> shouldReturnIdentityOverNothing() {
    return perRowAndType(
        (row, dtype) -> {
          for (long[] dims : new long[][] {{0}, {0, 3}, {3, 0}, {2, 0, 3}}) {
            for (int axis = 0; axis < dims.length; axis++) {
              Values x = Samples.whole(dtype, 1, 1, dims);
              checkAxes(row, x, Layout.CONTIGUOUS, 1 << axis, false);
              checkAxes(row, x, Layout.CONTIGUOUS, 1 << axis, true);
            }
            checkAxes(row, Samples.whole(dtype, 1, 1, dims), Layout.CONTIGUOUS, 0, true);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldHandleNanAndInfinity() {
    double inf = Double.POSITIVE_INFINITY;
    return perRowAndType(
        rows().stream(),
        (row, dtype) -> {
          for (int n : new int[] {1, 5, 33, 300}) {
            for (double special : new double[] {Double.NaN, inf, -inf}) {
              for (int at : new int[] {0, n / 2, n - 1}) {
                double[] values = new double[n];
                Arrays.fill(values, 1.5);
                values[at] = special;
                checkVector(row, dtype, values);
              }
            }
          }
          checkVector(row, dtype, inf, -inf, 1);
          checkVector(row, dtype, Double.NaN, inf);
          checkVector(row, dtype, -inf, Double.NaN);
          checkVector(row, dtype, -inf, -inf);
          checkVector(row, dtype, inf, inf);
        },
        FLOATS);
  }

  private static void checkVector(Row row, DType dtype, double... values) {
    Values x = Values.reals(dtype, values, values.length);
    Groups groups = new Groups(x.dims(), new boolean[] {true});
    scoped(
        () ->
            check(
                row + " with special values",
                row,
                x,
                groups,
                false,
                row.call.apply(x.upload(), new int[0], false)));
  }

  @TestFactory
  Stream<DynamicTest> shouldReduceBroadcastInput() {
    return perRowAndType(
        (row, dtype) -> {
          Values x = Samples.whole(dtype, 3, 2, 3, 1);
          long[] dims = {2, 3, 5};
          Values spread = x.broadcastTo(dims);
          for (int mask = 0; mask < 8; mask++) {
            int[] axes = axes(mask);
            Groups groups = new Groups(dims, Groups.flags(3, axes));
            Tensor y = row.call.apply(x.upload().broadcastTo(dims), axes, false);
            check(row + " of a broadcast", row, spread, groups, false, y);
          }
        });
  }

  private static int[] axes(int mask) {
    int[] axes = new int[Integer.bitCount(mask)];
    for (int axis = 0, n = 0; axis < 3; axis++) {
      if ((mask & 1 << axis) != 0) {
        axes[n++] = axis;
      }
    }
    return axes;
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    return rows().stream()
        .map(
            row ->
                test(
                    row.toString(),
                    () -> {
                      Values x = Samples.uniform(DType.F64, 31, -2, 2, 2, 3, 2);
                      for (int mask = 0; mask < 8; mask++) {
                        int[] axes = axes(mask);
                        boolean keep = mask % 2 == 0;
                        GradCheck.check(row.toString(), t -> row.call.apply(t, axes, keep), x);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shouldReduceTheSameBitsEachTime() {
    return perRowAndType(
        rows().stream(),
        (row, dtype) -> {
          Values x = Samples.uniform(dtype, 41, -1, 1, 100_003);
          Tensor tensor = x.upload();
          Values first = Values.read(row.call.apply(tensor, new int[0], false));
          for (int i = 0; i < 5; i++) {
            Expect.same("run " + i, first, row.call.apply(tensor, new int[0], false));
          }
        },
        FLOATS);
  }

  @Test
  void shouldShareGradientOfTiedMaximum() {
    Tensor x = Tensor.of(new float[] {1, 3, 3, 2}, 4).requiresGrad(true);

    x.max().backward();

    Expect.same(Values.reals(DType.F32, new double[] {0, 0.5, 0.5, 0}, 4), x.grad().orElseThrow());
  }

  @Test
  void shouldFindGradientOfProductWithZeros() {
    Tensor one = Tensor.of(new float[] {2, 0, 5}, 3).requiresGrad(true);
    Tensor two = Tensor.of(new float[] {2, 0, 0}, 3).requiresGrad(true);

    one.prod().backward();
    two.prod().backward();

    Expect.same(Values.reals(DType.F32, new double[] {0, 10, 0}, 3), one.grad().orElseThrow());
    Expect.same(Values.reals(DType.F32, new double[] {0, 0, 0}, 3), two.grad().orElseThrow());
  }

  @Test
  void shouldSumIntegersInLong() {
    Tensor x = Tensor.full(DType.I32, Integer.MAX_VALUE, 4);

    assertEquals(4L * Integer.MAX_VALUE, x.sum().itemLong());
  }

  @Test
  void shouldCountTrueValues() {
    Tensor x = Tensor.of(new boolean[] {true, false, true}, 3);

    assertEquals(2, x.sum().itemLong());
  }

  /** What is checked for one row and type. */
  private interface Body {
    void run(Row row, DType dtype);
  }

  private static Stream<DynamicTest> perRowAndType(Body body) {
    return perRowAndType(rows().stream(), body, ALL);
  }

  private static Stream<DynamicTest> perRowAndType(Stream<Row> rows, Body body, List<DType> among) {
    List<DynamicTest> tests = new ArrayList<>();
    rows.forEach(
        row -> {
          for (DType dtype : row.dtypes()) {
            if (among.contains(dtype)) {
              tests.add(test(row + " " + dtype, () -> body.run(row, dtype)));
            }
          }
        });
    return tests.stream();
  }
}
