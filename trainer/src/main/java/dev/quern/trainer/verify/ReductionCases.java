package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/** Built-in cases: reductions over each axis and over all, softmax, and special values in them. */
final class ReductionCases {
  private static final int[] DIMS = {5, 67, 9};
  private static final int LONG = 100_003;

  /** A reduction, its oracle, and its error in units of rounding for the elements it reduces. */
  private record Row(
      String name,
      Reducer reducer,
      ToDoubleFunction<double[]> oracle,
      ToDoubleFunction<double[]> error) {}

  private interface Reducer {
    Tensor apply(Tensor x, int[] axes, boolean keepDims);
  }

  private static final List<Row> ROWS =
      List.of(
          new Row("sum", Tensor::sum, ReductionCases::sum, v -> 32 * size(v)),
          new Row("mean", Tensor::mean, v -> sum(v) / v.length, v -> 32 * size(v) / v.length),
          new Row("max", Tensor::max, v -> Arrays.stream(v).max().orElseThrow(), v -> 0),
          new Row("min", Tensor::min, v -> Arrays.stream(v).min().orElseThrow(), v -> 0),
          new Row("prod", Tensor::prod, ReductionCases::product, v -> 2 * v.length * product(v)),
          new Row(
              "var",
              (x, axes, keep) -> x.var(axes, 1, keep),
              ReductionCases::variance,
              v -> 64 * variance(v)),
          new Row(
              "logSumExp",
              Tensor::logSumExp,
              ReductionCases::logSumExp,
              v -> 32 * Math.max(1, logSumExp(v))));

  private ReductionCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>();
    for (DType dtype : TestData.FLOATING) {
      for (Row row : ROWS) {
        out.add(reduction(row.name(), dtype, () -> reduce(row, dtype)));
      }
      out.add(reduction("argmax", dtype, () -> positions(dtype, true)));
      out.add(reduction("argmin", dtype, () -> positions(dtype, false)));
      out.add(reduction("special", dtype, () -> special(dtype)));
      out.add(softmax("softmax", dtype, x -> x.softmax(1), false));
      out.add(softmax("logSoftmax", dtype, x -> x.logSoftmax(1), true));
    }
    for (DType dtype : List.of(DType.I32, DType.I64)) {
      out.add(reduction("integers", dtype, () -> integers(dtype)));
    }
    out.add(reduction("any and all", DType.BOOL, ReductionCases::truths));
    return out;
  }

  private static VerifyCase reduction(String name, DType dtype, VerifyCase.Body body) {
    return new VerifyCase(name + " " + dtype, name, "reduction", body);
  }

  private static double sum(double[] v) {
    return Arrays.stream(v).sum();
  }

  private static double size(double[] v) {
    return Arrays.stream(v).map(Math::abs).sum();
  }

  private static double product(double[] v) {
    return Arrays.stream(v).reduce(1, (a, b) -> a * b);
  }

  private static double variance(double[] v) {
    double mean = sum(v) / v.length;
    return Arrays.stream(v).map(x -> (x - mean) * (x - mean)).sum() / (v.length - 1);
  }

  private static double logSumExp(double[] v) {
    return StrictMath.log(Arrays.stream(v).map(StrictMath::exp).sum());
  }

  /** Returns the rows along one axis of the cube, one array for each other position. */
  private static double[][] rows(double[] cube, int axis) {
    int inner = 1;
    for (int i = axis + 1; i < DIMS.length; i++) {
      inner *= DIMS[i];
    }
    int n = DIMS[axis];
    double[][] out = new double[cube.length / n][n];
    for (int r = 0; r < out.length; r++) {
      int start = r / inner * n * inner + r % inner;
      for (int i = 0; i < n; i++) {
        out[r][i] = cube[start + i * inner];
      }
    }
    return out;
  }

  private static double[] positive(int n) {
    // Around 1, so that a product of many neither vanishes nor explodes.
    return Arrays.stream(TestData.values(n, 3)).map(v -> (float) (1 + v / 8)).toArray();
  }

  private static Comparison reduce(Row row, DType dtype) {
    double[] cube = positive(DIMS[0] * DIMS[1] * DIMS[2]);
    Tensor x = TestData.tensor(cube, dtype, DIMS[0], DIMS[1], DIMS[2]);
    Comparison comparison = new Comparison();
    for (int axis = 0; axis < DIMS.length; axis++) {
      double[][] rows = rows(cube, axis);
      Tensor got = row.reducer().apply(x, new int[] {axis}, axis == 1);
      check(comparison, "axis " + axis, row, dtype, got, rows);
    }
    check(comparison, "all axes", row, dtype, row.reducer().apply(x, new int[0], false), cube);
    Tensor swapped = x.permute(2, 0, 1);
    check(
        comparison,
        "permuted",
        row,
        dtype,
        row.reducer().apply(swapped, new int[] {2}, false),
        swappedRows(cube));
    if (!row.name().equals("prod")) {
      double[] line = positive(LONG);
      Tensor tensor = TestData.tensor(line, dtype, LONG);
      Tensor got = row.reducer().apply(tensor, new int[] {0}, false);
      check(comparison, LONG + " elements", row, dtype, got, line);
    }
    return comparison;
  }

  /** Returns the rows along axis 1 with the last axis first. */
  private static double[][] swappedRows(double[] cube) {
    double[][] rows = rows(cube, 1);
    double[][] out = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      out[i % DIMS[2] * DIMS[0] + i / DIMS[2]] = rows[i];
    }
    return out;
  }

  private static void check(
      Comparison comparison, String what, Row row, DType dtype, Tensor got, double[]... rows) {
    double[] want = Arrays.stream(rows).mapToDouble(row.oracle()).toArray();
    double epsilon = TestData.epsilon(dtype);
    double[] bounds =
        Arrays.stream(rows).mapToDouble(r -> epsilon * row.error().applyAsDouble(r)).toArray();
    comparison.within(what, got, want, bounds);
  }

  private static Comparison positions(DType dtype, boolean greatest) {
    // Few different values, so that there are ties.
    double[] cube =
        Arrays.stream(TestData.values(DIMS[0] * DIMS[1] * DIMS[2], 4))
            .map(v -> Math.rint(8 * v))
            .toArray();
    Tensor x = TestData.tensor(cube, dtype, DIMS[0], DIMS[1], DIMS[2]);
    Comparison comparison = new Comparison();
    for (int axis = 0; axis < DIMS.length; axis++) {
      long[] want =
          Arrays.stream(rows(cube, axis)).mapToLong(row -> first(row, greatest)).toArray();
      comparison.exact("axis " + axis, greatest ? x.argmax(axis) : x.argmin(axis), want);
    }
    return comparison;
  }

  private static long first(double[] row, boolean greatest) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = (greatest ? row[i] > row[best] : row[i] < row[best]) ? i : best;
    }
    return best;
  }

  private static Comparison special(DType dtype) {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    double[] values = {1, nan, 2, -inf, -inf, -inf, inf, 1, 2, inf, -inf, 0};
    Tensor x = TestData.tensor(values, dtype, 4, 3);
    Comparison comparison = new Comparison();
    double[] none = new double[4];
    comparison.within("sum", x.sum(1), new double[] {nan, -inf, inf, nan}, none);
    comparison.within("max", x.max(1), new double[] {nan, -inf, inf, inf}, none);
    comparison.within("min", x.min(1), new double[] {nan, -inf, 1, -inf}, none);
    comparison.within("logSumExp", x.logSumExp(1), new double[] {nan, -inf, inf, inf}, none);
    comparison.exact("argmax", x.argmax(1), new long[] {1, 0, 0, 0});
    comparison.exact("argmin", x.argmin(1), new long[] {1, 0, 1, 1});
    Tensor empty = Tensor.zeros(dtype, 0);
    double[] one = new double[1];
    comparison.within("sum of nothing", empty.sum(), new double[] {0}, one);
    comparison.within("product of nothing", empty.prod(), new double[] {1}, one);
    comparison.within("max of nothing", empty.max(), new double[] {-inf}, one);
    comparison.within("min of nothing", empty.min(), new double[] {inf}, one);
    comparison.within("mean of nothing", empty.mean(), new double[] {nan}, one);
    comparison.within("logSumExp of nothing", empty.logSumExp(), new double[] {-inf}, one);
    return comparison;
  }

  private static Comparison integers(DType dtype) {
    long[] values = {3, -1, 7, Integer.MAX_VALUE, Integer.MAX_VALUE, 2};
    Tensor x = Tensor.of(values, 2, 3).cast(dtype);
    Comparison comparison = new Comparison();
    long big = Integer.MAX_VALUE;
    comparison.exact("sum", x.sum(1), new long[] {9, 2 * big + 2});
    comparison.exact("prod", x.prod(1), new long[] {-21, big * big * 2});
    comparison.exact("max", x.max(0), new long[] {big, big, 7});
    comparison.exact("min", x.min(0), new long[] {3, -1, 2});
    comparison.exact("argmax", x.argmax(1), new long[] {2, 0});
    return comparison;
  }

  private static Comparison truths() {
    Tensor x = Tensor.of(new boolean[] {true, false, true, true, false, false}, 3, 2);
    Comparison comparison = new Comparison();
    comparison.exact("any", x.any(1), new long[] {1, 1, 0});
    comparison.exact("all", x.all(1), new long[] {0, 1, 0});
    comparison.exact("sum", x.sum(), new long[] {3});
    return comparison;
  }

  private static VerifyCase softmax(
      String name, DType dtype, UnaryOperator<Tensor> body, boolean log) {
    return new VerifyCase(name + " " + dtype, name, "softmax", () -> softmaxRows(dtype, body, log));
  }

  private static Comparison softmaxRows(DType dtype, UnaryOperator<Tensor> body, boolean log) {
    double[] cube =
        Arrays.stream(TestData.values(DIMS[0] * DIMS[1] * DIMS[2], 5))
            .map(v -> (float) (20 * v))
            .toArray();
    // One row that overflows unless its maximum is taken off first.
    for (int i = 0; i < DIMS[1]; i++) {
      cube[i * DIMS[2]] = i == 3 ? Double.NEGATIVE_INFINITY : 1000 + i;
    }
    double[][] rows = rows(cube, 1);
    double[] want = new double[cube.length];
    double[] bounds = new double[cube.length];
    double epsilon = TestData.epsilon(dtype);
    double least = dtype == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    for (int r = 0; r < rows.length; r++) {
      double max = Arrays.stream(rows[r]).max().orElseThrow();
      double sum = Arrays.stream(rows[r]).map(v -> StrictMath.exp(v - max)).sum();
      for (int i = 0; i < DIMS[1]; i++) {
        int at = (r / DIMS[2] * DIMS[1] + i) * DIMS[2] + r % DIMS[2];
        double logarithm = rows[r][i] - max - StrictMath.log(sum);
        want[at] = log ? logarithm : StrictMath.exp(rows[r][i] - max) / sum;
        boolean finite = Double.isFinite(logarithm);
        // The difference to the maximum is rounded too, and its error is the exponential's.
        double units =
            log ? 8 * (1 + Math.abs(logarithm)) : 8 * (1 + Math.abs(logarithm)) * want[at];
        bounds[at] = finite ? epsilon * units + least : 0;
      }
    }
    Comparison comparison = new Comparison();
    Tensor x = TestData.tensor(cube, dtype, DIMS[0], DIMS[1], DIMS[2]);
    comparison.within("element", body.apply(x), want, bounds);
    return comparison;
  }
}
