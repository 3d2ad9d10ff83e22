package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/** Built-in cases: each row of the op table in each type, special values with special values. */
final class ElementwiseCases {
  private static final String FAMILY = "elementwise";
  private static final int RANDOM_VALUES = 300;
  private static final double[] SPECIAL_REALS = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3,
    -3,
    10,
    -10,
    88,
    -100,
    0.1f,
    1e-3f,
    -1e-6f,
    1e10f,
    16777217,
    -2147483649.0,
    9.3e18,
    Float.MIN_NORMAL,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };
  private static final long[] SPECIAL_INTEGERS = {
    0, 1, -1, 2, -2, 3, 5, -7, 10, 31, 64, 100, -1000, 65536, 16777217, 0x7fffffffL, -0x80000000L
  };
  // All others are rounded once, from operands that are exact: another result is a fault.
  private static final Set<Op> APPROXIMATE =
      EnumSet.of(
          Op.EXP,
          Op.EXPM1,
          Op.LOG,
          Op.LOG1P,
          Op.TANH,
          Op.SIGMOID,
          Op.ERF,
          Op.SOFTPLUS,
          Op.POW,
          Op.SIN,
          Op.COS,
          Op.TAN,
          Op.ASIN,
          Op.ACOS,
          Op.ATAN,
          Op.SINH,
          Op.COSH,
          Op.ASINH,
          Op.ACOSH,
          Op.ATANH);
  private static final Set<Op> CLOSER = EnumSet.of(Op.EXP, Op.LOG, Op.TANH);
  private static final Set<Op> ZEROS_KEEP_SIGN =
      EnumSet.of(
          Op.NEG, Op.ABS, Op.SIGN, Op.SQRT, Op.RELU, Op.FLOOR, Op.CEIL, Op.ROUND, Op.TRUNC, Op.ADD,
          Op.SUB, Op.MUL, Op.DIV, Op.WHERE);

  private ElementwiseCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>();
    for (Op op : Op.values()) {
      String name = op.name().toLowerCase(Locale.ROOT);
      for (DType dtype : types(op)) {
        VerifyCase.Body body = op == Op.CAST ? () -> casts(dtype) : () -> compare(op, dtype);
        out.add(new VerifyCase(name + " " + dtype, name, FAMILY, body));
      }
    }
    return out;
  }

  private static Set<DType> types(Op op) {
    return switch (op.typing()) {
      case NUMERIC -> EnumSet.of(DType.I32, DType.I64, DType.F32, DType.F64);
      case FLOAT -> EnumSet.of(DType.F32, DType.F64);
      case LOGIC -> EnumSet.of(DType.BOOL);
      case COMPARE, SELECT -> EnumSet.of(DType.BOOL, DType.I32, DType.I64, DType.F32, DType.F64);
      case CAST -> EnumSet.allOf(DType.class);
    };
  }

  private static Tensor apply(Op op, Tensor... x) {
    return switch (op) {
      case NEG -> x[0].neg();
      case ABS -> x[0].abs();
      case SIGN -> x[0].sign();
      case SQRT -> x[0].sqrt();
      case EXP -> x[0].exp();
      case EXPM1 -> x[0].expm1();
      case LOG -> x[0].log();
      case LOG1P -> x[0].log1p();
      case TANH -> x[0].tanh();
      case SIGMOID -> x[0].sigmoid();
      case ERF -> x[0].erf();
      case SIN -> x[0].sin();
      case COS -> x[0].cos();
      case TAN -> x[0].tan();
      case ASIN -> x[0].asin();
      case ACOS -> x[0].acos();
      case ATAN -> x[0].atan();
      case SINH -> x[0].sinh();
      case COSH -> x[0].cosh();
      case ASINH -> x[0].asinh();
      case ACOSH -> x[0].acosh();
      case ATANH -> x[0].atanh();
      case RELU -> x[0].relu();
      case SOFTPLUS -> x[0].softplus();
      case FLOOR -> x[0].floor();
      case CEIL -> x[0].ceil();
      case ROUND -> x[0].round();
      case TRUNC -> x[0].trunc();
      case CAST -> throw new IllegalArgumentException("cast takes a type");
      case IS_NAN -> x[0].isNan();
      case IS_INF -> x[0].isInf();
      case NOT -> x[0].not();
      case ADD -> x[0].add(x[1]);
      case SUB -> x[0].sub(x[1]);
      case MUL -> x[0].mul(x[1]);
      case DIV -> x[0].div(x[1]);
      case POW -> x[0].pow(x[1]);
      case MAX -> x[0].maximum(x[1]);
      case MIN -> x[0].minimum(x[1]);
      case MOD -> x[0].mod(x[1]);
      case FMOD -> x[0].fmod(x[1]);
      case EQ -> x[0].eq(x[1]);
      case NE -> x[0].ne(x[1]);
      case LT -> x[0].lt(x[1]);
      case LE -> x[0].le(x[1]);
      case GT -> x[0].gt(x[1]);
      case GE -> x[0].ge(x[1]);
      case AND -> x[0].and(x[1]);
      case OR -> x[0].or(x[1]);
      case XOR -> x[0].xor(x[1]);
      case WHERE -> Tensor.where(x[0], x[1], x[2]);
      case CLAMP -> x[0].clamp(x[1], x[2]);
    };
  }

  private static Comparison compare(Op op, DType dtype) {
    return dtype.isFloat() ? compareReals(op, dtype) : compareIntegers(op, dtype);
  }

  private static Comparison compareReals(Op op, DType dtype) {
    double[][] operands = combinations(reals(dtype), op.arity());
    int n = operands[0].length;
    Tensor[] inputs = new Tensor[op.arity()];
    for (int i = 0; i < inputs.length; i++) {
      if (op == Op.WHERE && i == 0) {
        operands[0] = Arrays.stream(operands[0]).map(v -> v > 0 ? 1 : 0).toArray();
      }
      if (op == Op.CLAMP && i > 0) {
        // What a bound of NaN means is left open.
        operands[i] = Arrays.stream(operands[i]).map(v -> Double.isNaN(v) ? 1 : v).toArray();
      }
      inputs[i] = Tensor.of(operands[i], n).cast(op == Op.WHERE && i == 0 ? DType.BOOL : dtype);
    }
    Tensor got = apply(op, inputs);
    double[] want = new double[n];
    double[] bounds = new double[n];
    for (int i = 0; i < n; i++) {
      double exact = Oracle.real(op, tuple(operands, i));
      boolean single = dtype == DType.F32;
      double rounded = single ? (float) exact : exact;
      double ulp = single ? Math.ulp((float) exact) : Math.ulp(exact);
      boolean once = !APPROXIMATE.contains(op) || !Double.isFinite(rounded);
      want[i] = once ? rounded : exact;
      bounds[i] = once ? 0 : ulps(op, dtype) * ulp;
    }
    Comparison comparison = new Comparison();
    comparison.within("element", got, want, bounds);
    if (ZEROS_KEEP_SIGN.contains(op)) {
      comparison.zeros("element", got.toDoubleArray(), want);
    }
    return comparison;
  }

  /** What the F32 routines promise; in F64 the oracle itself is only good to a few ULP. */
  private static double ulps(Op op, DType dtype) {
    return dtype == DType.F64 ? 8 : CLOSER.contains(op) ? 1.5 : 2;
  }

  private static Comparison compareIntegers(Op op, DType dtype) {
    long[][] operands = combinations(integers(dtype), op.arity());
    int n = operands[0].length;
    Tensor[] inputs = new Tensor[op.arity()];
    for (int i = 0; i < inputs.length; i++) {
      boolean condition = op == Op.WHERE && i == 0;
      if (condition) {
        operands[0] = Arrays.stream(operands[0]).map(v -> v > 0 ? 1 : 0).toArray();
      }
      inputs[i] = Tensor.of(operands[i], n).cast(condition ? DType.BOOL : dtype);
    }
    long[] want = new long[n];
    for (int i = 0; i < n; i++) {
      long value = Oracle.whole(op, tuple(operands, i));
      want[i] = dtype == DType.I32 ? (int) value : value;
    }
    Comparison comparison = new Comparison();
    comparison.exact("element", apply(op, inputs), want);
    return comparison;
  }

  private static Comparison casts(DType from) {
    Comparison comparison = new Comparison();
    for (DType to : DType.values()) {
      if (from.isFloat()) {
        double[] values = reals(from);
        Tensor x = Tensor.of(values, values.length).cast(from);
        castReals(comparison, x, values, to);
      } else {
        long[] values = integers(from);
        Tensor x = Tensor.of(values, values.length).cast(from);
        castIntegers(comparison, x, values, to);
      }
    }
    return comparison;
  }

  private static void castReals(Comparison comparison, Tensor x, double[] values, DType to) {
    // Java's own conversions truncate, saturate and make NaN 0, as Quern's do.
    switch (to) {
      case F16, BF16 ->
          comparison.within(
              "to " + to,
              x.cast(to),
              Arrays.stream(values).map(v -> Oracle.rounded(to, v)).toArray(),
              new double[values.length]);
      case F32 ->
          comparison.within(
              "to F32",
              x.cast(to),
              Arrays.stream(values).map(v -> (float) v).toArray(),
              new double[values.length]);
      case F64 -> comparison.within("to F64", x.cast(to), values, new double[values.length]);
      case I32 ->
          comparison.exact(
              "to I32", x.cast(to), Arrays.stream(values).mapToLong(v -> (int) v).toArray());
      case I64 ->
          comparison.exact(
              "to I64", x.cast(to), Arrays.stream(values).mapToLong(v -> (long) v).toArray());
      case BOOL ->
          comparison.exact(
              "to BOOL",
              x.cast(to),
              Arrays.stream(values).mapToLong(v -> v != 0 ? 1 : 0).toArray());
    }
  }

  private static void castIntegers(Comparison comparison, Tensor x, long[] values, DType to) {
    switch (to) {
      case F16, BF16 ->
          comparison.within(
              "to " + to,
              x.cast(to),
              Arrays.stream(values).mapToDouble(v -> Oracle.rounded(to, v)).toArray(),
              new double[values.length]);
      case F32 ->
          comparison.within(
              "to F32",
              x.cast(to),
              Arrays.stream(values).mapToDouble(v -> (float) v).toArray(),
              new double[values.length]);
      case F64 ->
          comparison.within(
              "to F64",
              x.cast(to),
              Arrays.stream(values).mapToDouble(v -> (double) v).toArray(),
              new double[values.length]);
      case I32 ->
          comparison.exact("to I32", x.cast(to), Arrays.stream(values).map(v -> (int) v).toArray());
      case I64 -> comparison.exact("to I64", x.cast(to), values);
      case BOOL ->
          comparison.exact(
              "to BOOL", x.cast(to), Arrays.stream(values).map(v -> v != 0 ? 1 : 0).toArray());
    }
  }

  /** Returns special and random values that are exact in the type. */
  private static double[] reals(DType dtype) {
    SplittableRandom random = new SplittableRandom(7);
    double[] out = Arrays.copyOf(SPECIAL_REALS, SPECIAL_REALS.length + RANDOM_VALUES);
    for (int i = SPECIAL_REALS.length; i < out.length; i++) {
      double sign = random.nextBoolean() ? 1 : -1;
      out[i] =
          i % 2 == 0 ? random.nextDouble(-12, 12) : sign * Math.pow(2, random.nextDouble(-30, 30));
    }
    return Arrays.stream(out).map(v -> Oracle.rounded(dtype, v)).toArray();
  }

  private static long[] integers(DType dtype) {
    SplittableRandom random = new SplittableRandom(11);
    long[] out = Arrays.copyOf(SPECIAL_INTEGERS, SPECIAL_INTEGERS.length + RANDOM_VALUES);
    for (int i = SPECIAL_INTEGERS.length; i < out.length; i++) {
      out[i] = random.nextLong() >> random.nextInt(64);
    }
    out[out.length - 1] = Long.MIN_VALUE;
    out[out.length - 2] = Long.MAX_VALUE;
    return switch (dtype) {
      case BOOL -> Arrays.stream(out).map(v -> v & 1).toArray();
      case I32 -> Arrays.stream(out).map(v -> (int) v).toArray();
      default -> out;
    };
  }

  /** Returns operands in which each special value meets each, then random ones. */
  private static double[][] combinations(double[] values, int arity) {
    int[][] picks = picks(SPECIAL_REALS.length, values.length, arity);
    double[][] out = new double[arity][];
    for (int i = 0; i < arity; i++) {
      out[i] = Arrays.stream(picks[i]).mapToDouble(pick -> values[pick]).toArray();
    }
    return out;
  }

  private static long[][] combinations(long[] values, int arity) {
    int[][] picks = picks(SPECIAL_INTEGERS.length, values.length, arity);
    long[][] out = new long[arity][];
    for (int i = 0; i < arity; i++) {
      out[i] = Arrays.stream(picks[i]).mapToLong(pick -> values[pick]).toArray();
    }
    return out;
  }

  private static int[][] picks(int special, int all, int arity) {
    int pairs = arity == 1 ? 0 : special * special;
    int[][] out = new int[arity][pairs + all];
    SplittableRandom random = new SplittableRandom(13);
    for (int i = 0; i < pairs + all; i++) {
      for (int k = 0; k < arity; k++) {
        if (i >= pairs) {
          out[k][i] = k == 0 ? i - pairs : random.nextInt(all);
        } else {
          out[k][i] = k == 0 ? i / special : k == 1 ? i % special : random.nextInt(special);
        }
      }
    }
    return out;
  }

  private static double[] tuple(double[][] operands, int i) {
    return Arrays.stream(operands).mapToDouble(operand -> operand[i]).toArray();
  }

  private static long[] tuple(long[][] operands, int i) {
    return Arrays.stream(operands).mapToLong(operand -> operand[i]).toArray();
  }
}
