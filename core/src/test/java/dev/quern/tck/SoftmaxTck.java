package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Softmax and its logarithm along any axis. */
abstract class SoftmaxTck extends Tck {
  private static final long[][] SHAPES = {
    {1},
    {5},
    {33},
    {3, 5},
    {5, 1},
    {2, 3, 4},
    {2, 1, 3, 4},
    {3, 257},
    {257, 3},
    {2, 4099},
    {129, 65}
  };

  @TestFactory
  Stream<DynamicTest> shouldMatchOracle() {
    return perType(
        dtype -> {
          for (long[] dims : SHAPES) {
            for (int axis = 0; axis < dims.length; axis++) {
              for (Layout layout : layouts(dims)) {
                check(Samples.uniform(dtype, axis, -5, 5, dims), axis, layout);
              }
            }
          }
        });
  }

  private static List<Layout> layouts(long... dims) {
    return Values.count(dims) < 500
        ? List.of(Layout.values())
        : List.of(Layout.CONTIGUOUS, Layout.TRANSPOSED);
  }

  @TestFactory
  Stream<DynamicTest> shouldNotOverflow() {
    return perType(
        dtype -> {
          double large = dtype == DType.F32 ? 1e30 : 1e300;
          check(Values.reals(dtype, new double[] {1000, 1001, 1002}, 3), 0, Layout.CONTIGUOUS);
          check(Values.reals(dtype, new double[] {-1000, -1001, -999}, 3), 0, Layout.CONTIGUOUS);
          check(Values.reals(dtype, new double[] {large, 0, -large}, 3), 0, Layout.CONTIGUOUS);
          check(Values.reals(dtype, new double[] {0, -80, -200}, 3), 0, Layout.CONTIGUOUS);
        });
  }

  private static void check(Values x, int axis, Layout layout) {
    scoped(
        () -> {
          String what =
              x.dtype() + " " + Arrays.toString(x.dims()) + " axis " + axis + " " + layout;
          Groups groups = new Groups(x.dims(), Groups.flags(x.rank(), axis));
          double[] logs = new double[x.size()];
          double[] allowed = new double[x.size()];
          for (int[] members : groups.members) {
            double[] row = Arrays.stream(members).mapToDouble(x::real).toArray();
            double max = Groups.max(row);
            // log(sum) alone keeps its digits where max + log(sum) would lose them.
            double logSum = Groups.logSumExp(Arrays.stream(row).map(v -> v - max).toArray());
            for (int i = 0; i < row.length; i++) {
              logs[members[i]] = row[i] - max - logSum;
              allowed[members[i]] =
                  Bound.epsilon(x.dtype())
                      * (24 + 2 * Math.log(row.length) + 4 * Math.abs(row[i] - max));
            }
          }
          Tensor t = layout.of(x);
          Values log = Values.of(logs, x.dims());
          Expect.near("logSoftmax " + what, log, i -> allowed[i], t.logSoftmax(axis));
          // The same absolute error in the exponent is a relative one in the power.
          Values power = log.mapReals(StrictMath::exp);
          double tiny = 2 * Bound.tiny(x.dtype());
          Expect.near(
              "softmax " + what,
              power,
              i -> allowed[i] * power.real(i) + tiny,
              t.softmax(axis - x.rank()));
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldHandleInfinitiesAndNan() {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    return perType(
        dtype -> {
          Tensor x =
              Values.reals(dtype, new double[] {-inf, 0, 0, nan, 0, 1, -inf, -inf, -inf}, 3, 3)
                  .upload();

          Expect.same(
              Values.reals(dtype, new double[] {0, 0.5, 0.5, nan, nan, nan, nan, nan, nan}, 3, 3),
              x.softmax(1));
          double half = x.logSoftmax(1).toDoubleArray()[1];
          assertEquals(StrictMath.log(0.5), half, 1e-6);
          assertEquals(-inf, x.logSoftmax(1).toDoubleArray()[0], 0);
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldSumToOne() {
    return perType(
        dtype -> {
          Tensor y = Samples.uniform(dtype, 3, -30, 30, 7, 1000).upload().softmax(1).sum(1);

          Expect.close("sum", Values.of(new double[] {1, 1, 1, 1, 1, 1, 1}, 7), 1e-6, 0, y);
        });
  }

  @Test
  void shouldTakeEmptyShapes() {
    assertEquals(0, Tensor.zeros(0, 3).softmax(1).size());
    assertEquals(0, Tensor.zeros(3, 0).logSoftmax(1).size());
    assertEquals(0, Tensor.zeros(0, 3).softmax(0).size());
  }

  @Test
  void shouldTakeIntegersAsFloat() {
    Tensor y = Tensor.of(new int[] {1, 1}, 2).softmax(0);

    Expect.same(Values.reals(DType.F32, new double[] {0.5, 0.5}, 2), y);
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 4);
    return Stream.of(
        test("softmax rows", () -> GradCheck.check("softmax", t -> t.softmax(1), x)),
        test("softmax columns", () -> GradCheck.check("softmax", t -> t.softmax(0), x)),
        test("logSoftmax rows", () -> GradCheck.check("logSoftmax", t -> t.logSoftmax(1), x)),
        test("logSoftmax columns", () -> GradCheck.check("logSoftmax", t -> t.logSoftmax(0), x)));
  }

  /** What is checked for one type. */
  private interface Body {
    void run(DType dtype);
  }

  private static Stream<DynamicTest> perType(Body body) {
    return Stream.of(DType.F32, DType.F64)
        .map(dtype -> test(dtype.toString(), () -> body.run(dtype)));
  }
}
