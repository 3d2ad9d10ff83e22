package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.random.Generator;
import dev.quern.spi.Op;
import dev.quern.trainer.verify.CaseResult.Status;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Cases that need no file: what the device computes against plain loops in double. */
final class BuiltInCases {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -2.5f,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    88f,
    -104f,
    1e30f,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };
  private static final int COUNT = 1000;

  private final Consumer<CaseResult> sink;

  private BuiltInCases(Consumer<CaseResult> sink) {
    this.sink = sink;
  }

  static void run(Consumer<CaseResult> sink) {
    BuiltInCases cases = new BuiltInCases(sink);
    cases.unary();
    cases.binary();
    cases.reductions();
    cases.products();
    cases.random();
    cases.training();
  }

  private void judge(String name, String family, Supplier<Double> difference, double bar) {
    double found;
    String message = "";
    try (Scope scope = Scope.open()) {
      found = difference.get();
      scope.keep(Tensor.zeros(0)).close();
    } catch (RuntimeException e) {
      found = Double.NaN;
      message = e.toString();
    }
    boolean passed = found <= bar;
    if (!passed && message.isEmpty()) {
      message = String.format(Locale.ROOT, "differs by %.4g, allowed %.4g", found, bar);
    }
    Status status = passed ? Status.PASSED : Status.FAILED;
    sink.accept(new CaseResult(name, name, family, status, message, found));
  }

  private static float[] values(int seed, double low, double high) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] out = new float[COUNT + SPECIAL.length];
    for (int i = 0; i < COUNT; i++) {
      out[i] = (float) random.nextDouble(low, high);
    }
    System.arraycopy(SPECIAL, 0, out, COUNT, SPECIAL.length);
    return out;
  }

  /** Returns the greatest distance in units in the last place of the true value. */
  private static double ulps(float got, double want) {
    float rounded = (float) want;
    if (Float.floatToIntBits(got) == Float.floatToIntBits(rounded)) {
      return 0;
    }
    if (Float.isNaN(got) || Double.isNaN(want) || Float.isInfinite(rounded)) {
      return Double.isNaN(want) == Float.isNaN(got) && Math.abs(got) == Float.MAX_VALUE
          ? 1
          : Double.POSITIVE_INFINITY;
    }
    return got == 0 && want == 0
        ? Double.POSITIVE_INFINITY
        : Math.abs(got - want) / Math.ulp(rounded);
  }

  // ---------------------------------------------------------------- elementwise

  private void unary() {
    unary("neg", Tensor::neg, x -> -x, 0);
    unary("abs", Tensor::abs, Math::abs, 0);
    unary("sign", Tensor::sign, Math::signum, 0);
    unary("sqrt", Tensor::sqrt, Math::sqrt, 0);
    unary("exp", Tensor::exp, StrictMath::exp, 1.5);
    unary("expm1", Tensor::expm1, StrictMath::expm1, 2);
    unary("log", Tensor::log, StrictMath::log, 1.5);
    unary("log1p", Tensor::log1p, StrictMath::log1p, 2);
    unary("tanh", Tensor::tanh, StrictMath::tanh, 1.5);
    unary("sigmoid", Tensor::sigmoid, BuiltInCases::sigmoid, 2);
    unary("softplus", Tensor::softplus, BuiltInCases::softplus, 2);
    unary("relu", Tensor::relu, x -> x < 0 ? 0 : x, 0);
    unary("floor", Tensor::floor, Math::floor, 0);
    unary("ceil", Tensor::ceil, Math::ceil, 0);
    unary("round", Tensor::round, Math::rint, 0);
    unary("trunc", Tensor::trunc, x -> x < 0 ? Math.ceil(x) : Math.floor(x), 0);
    unary("clamp", x -> x.clamp(-1, 2), x -> x < -1 ? -1 : x > 2 ? 2 : x, 0);
    unary("isNan", x -> x.isNan().cast(DType.F32), x -> Double.isNaN(x) ? 1 : 0, 0);
    unary("isInf", x -> x.isInf().cast(DType.F32), x -> Double.isInfinite(x) ? 1 : 0, 0);
    unary("not", x -> x.gt(0).not().cast(DType.F32), x -> x > 0 ? 0 : 1, 0);
    unary("cast", x -> x.cast(DType.I32).cast(DType.F32), x -> (float) (int) (float) x, 0);
    judge("erf", "elementwise", BuiltInCases::erf, 2);
  }

  private static double sigmoid(double x) {
    return x < 0 ? StrictMath.exp(x) / (1 + StrictMath.exp(x)) : 1 / (1 + StrictMath.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** Compares erf with its power series, which converges quickly enough up to 3. */
  private static double erf() {
    float[] x = values(7, -3, 3);
    float[] got = Tensor.of(x).erf().toFloatArray();
    double worst = 0;
    for (int i = 0; i < COUNT; i++) {
      double term = x[i];
      double sum = term;
      for (int n = 1; n < 100; n++) {
        term *= -(double) x[i] * x[i] / n;
        sum += term / (2 * n + 1);
      }
      worst = Math.max(worst, ulps(got[i], sum * 2 / Math.sqrt(Math.PI)));
    }
    return worst;
  }

  private void unary(
      String name, UnaryOperator<Tensor> op, DoubleUnaryOperator oracle, double bar) {
    judge(
        name,
        "elementwise",
        () -> {
          float[] x = values(name.hashCode(), -20, 20);
          float[] got = op.apply(Tensor.of(x)).toFloatArray();
          double worst = 0;
          for (int i = 0; i < x.length; i++) {
            worst = Math.max(worst, ulps(got[i], oracle.applyAsDouble(x[i])));
          }
          return worst;
        },
        bar);
  }

  private void binary() {
    binary(Op.ADD, (x, y) -> (float) x + (float) y, 0);
    binary(Op.SUB, (x, y) -> (float) x - (float) y, 0);
    binary(Op.MUL, (x, y) -> (float) x * (float) y, 0);
    binary(Op.DIV, (x, y) -> (float) x / (float) y, 0);
    binary(Op.MAX, (x, y) -> Math.max((float) x, (float) y), 0);
    binary(Op.MIN, (x, y) -> Math.min((float) x, (float) y), 0);
    binary(Op.FMOD, (x, y) -> (float) x % (float) y, 0);
    binary(Op.EQ, (x, y) -> x == y ? 1 : 0, 0);
    binary(Op.NE, (x, y) -> x != y ? 1 : 0, 0);
    binary(Op.LT, (x, y) -> x < y ? 1 : 0, 0);
    binary(Op.LE, (x, y) -> x <= y ? 1 : 0, 0);
    binary(Op.GT, (x, y) -> x > y ? 1 : 0, 0);
    binary(Op.GE, (x, y) -> x >= y ? 1 : 0, 0);
    judge(
        "pow",
        "elementwise",
        () -> {
          float[] x = values(5, 0, 20);
          float[] y = values(6, -8, 8);
          float[] got = Tensor.of(x).pow(Tensor.of(y)).toFloatArray();
          double worst = 0;
          for (int i = 0; i < COUNT; i++) {
            worst = Math.max(worst, ulps(got[i], StrictMath.pow(x[i], y[i])));
          }
          return worst;
        },
        2);
  }

  private void binary(Op op, DoubleBinaryOperator oracle, double bar) {
    judge(
        op.name().toLowerCase(Locale.ROOT),
        "elementwise",
        () -> {
          float[] x = values(op.arity() + 11, -20, 20);
          float[] y = values(op.arity() + 12, -20, 20);
          float[] got = apply(op, Tensor.of(x), Tensor.of(y)).cast(DType.F32).toFloatArray();
          double worst = 0;
          for (int i = 0; i < x.length; i++) {
            worst = Math.max(worst, ulps(got[i], oracle.applyAsDouble(x[i], y[i])));
          }
          return worst;
        },
        bar);
  }

  private static Tensor apply(Op op, Tensor x, Tensor y) {
    return switch (op) {
      case ADD -> x.add(y);
      case SUB -> x.sub(y);
      case MUL -> x.mul(y);
      case DIV -> x.div(y);
      case MAX -> x.maximum(y);
      case MIN -> x.minimum(y);
      case FMOD -> x.fmod(y);
      case EQ -> x.eq(y);
      case NE -> x.ne(y);
      case LT -> x.lt(y);
      case LE -> x.le(y);
      case GT -> x.gt(y);
      case GE -> x.ge(y);
      default -> throw new IllegalArgumentException("no binary case for " + op);
    };
  }

  // ---------------------------------------------------------------- reductions and products

  private static double[] normals(int seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextDouble(-1, 1);
    }
    return out;
  }

  private void reductions() {
    int rows = 37;
    int columns = 129;
    double[] x = normals(3, rows * columns);
    for (int axis = 0; axis < 2; axis++) {
      int a = axis;
      reduction("sum", a, x, rows, columns, t -> t.sum(a), v -> Arrays.stream(v).sum());
      reduction(
          "max", a, x, rows, columns, t -> t.max(a), v -> Arrays.stream(v).max().orElseThrow());
      reduction(
          "min", a, x, rows, columns, t -> t.min(a), v -> Arrays.stream(v).min().orElseThrow());
      reduction(
          "prod",
          a,
          x,
          rows,
          columns,
          t -> t.prod(a),
          v -> Arrays.stream(v).reduce(1, (p, q) -> p * q));
      reduction(
          "logSumExp",
          a,
          x,
          rows,
          columns,
          t -> t.logSumExp(a),
          v -> Math.log(Arrays.stream(v).map(Math::exp).sum()));
      reduction(
          "argmax",
          a,
          x,
          rows,
          columns,
          t -> t.argmax(a).cast(DType.F64),
          v -> {
            int best = 0;
            for (int i = 1; i < v.length; i++) {
              best = v[i] > v[best] ? i : best;
            }
            return best;
          });
    }
    judge(
        "softmax",
        "reduction",
        () -> {
          Tensor t = Tensor.of(x, rows, columns);
          double[] got = t.softmax(1).toDoubleArray();
          double[] want = new double[got.length];
          for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
              sum += Math.exp(x[r * columns + c]);
            }
            for (int c = 0; c < columns; c++) {
              want[r * columns + c] = Math.exp(x[r * columns + c]) / sum;
            }
          }
          return Comparison.scaled(want, got);
        },
        1e-12);
  }

  /** Reduces a row or a column. */
  @FunctionalInterface
  private interface LineOracle {
    double reduce(double[] line);
  }

  private void reduction(
      String name,
      int axis,
      double[] x,
      int rows,
      int columns,
      UnaryOperator<Tensor> op,
      LineOracle oracle) {
    judge(
        name + " over axis " + axis,
        "reduction",
        () -> {
          double[] got = op.apply(Tensor.of(x, rows, columns)).toDoubleArray();
          double[] want = new double[axis == 0 ? columns : rows];
          for (int i = 0; i < want.length; i++) {
            double[] line = new double[axis == 0 ? rows : columns];
            for (int j = 0; j < line.length; j++) {
              line[j] = axis == 0 ? x[j * columns + i] : x[i * columns + j];
            }
            want[i] = oracle.reduce(line);
          }
          return Comparison.scaled(want, got);
        },
        1e-12);
  }

  private void products() {
    for (int[] s : new int[][] {{1, 1, 1}, {3, 5, 7}, {65, 33, 129}, {8, 300, 10}}) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        judge(
            "matmul " + s[0] + "x" + s[1] + "x" + s[2] + " " + dtype,
            "matmul",
            () -> product(s[0], s[1], s[2], dtype),
            1);
      }
    }
  }

  /** Returns the greatest error in units of the bound K * eps * sum |a||b|. */
  private static double product(int m, int k, int n, DType dtype) {
    Tensor a = Tensor.of(normals(m, m * k), m, k).cast(dtype);
    Tensor b = Tensor.of(normals(n, k * n), k, n).cast(dtype);
    double[] x = a.toDoubleArray();
    double[] y = b.toDoubleArray();
    double[] got = a.matmul(b).toDoubleArray();
    double eps = dtype == DType.F32 ? 0x1p-24 : 0x1p-53;
    double worst = 0;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        double size = 0;
        for (int p = 0; p < k; p++) {
          sum += x[i * k + p] * y[p * n + j];
          size += Math.abs(x[i * k + p] * y[p * n + j]);
        }
        worst = Math.max(worst, Math.abs(got[i * n + j] - sum) / (k * eps * size));
      }
    }
    return worst;
  }

  // ---------------------------------------------------------------- random numbers and training

  private void random() {
    judge(
        "Philox4x32-10 words",
        "random",
        () -> {
          // 2^32 words in [0, 2^31) come out halved: the known-answer block of counter 0, key 0.
          long[] got = Tensor.randint(new Generator(0), 0, 1L << 31, 4).toLongArray();
          long[] words = {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L};
          double worst = 0;
          for (int i = 0; i < 4; i++) {
            worst = Math.max(worst, Math.abs((double) got[i] - (words[i] >>> 1)));
          }
          return worst;
        },
        0);
  }

  private void training() {
    judge(
        "an MLP learns XOR",
        "training",
        () -> {
          Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
          Tensor labels = Tensor.of(new long[] {0, 1, 1, 0}, 4);
          Generator seed = new Generator(1);
          Sequential model =
              new Sequential(
                  new Linear(2, 16, Init.HE, seed, DType.F32),
                  Module.of(Tensor::relu),
                  new Linear(16, 2, Init.HE, seed, DType.F32));
          Adam optimizer = new Adam(model.tensors(), 0.02);
          for (int step = 0; step < 300; step++) {
            optimizer.zeroGrad();
            Losses.crossEntropy(model.forward(x), labels).backward();
            optimizer.step();
          }
          return Losses.crossEntropy(model.forward(x), labels).item();
        },
        0.1);
  }
}
