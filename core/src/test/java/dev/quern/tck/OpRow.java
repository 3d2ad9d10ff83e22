package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One row of the kit's op table: the call on tensors, the true function in double and on integers,
 * the interval the test values come from, and how far a result may lie from the truth.
 */
final class OpRow {
  /** Which types the operands may have and which the result has. */
  enum Kind {
    /** One type, not BOOL, also the result's. */
    NUMERIC(DType.F32, DType.F64, DType.I32, DType.I64),
    /** F32 or F64; the other types count as F32. */
    FLOAT(DType.F32, DType.F64, DType.I32, DType.I64, DType.BOOL),
    /** BOOL throughout. */
    LOGIC(DType.BOOL),
    /** One type, a BOOL result. */
    COMPARE(DType.F32, DType.F64, DType.I32, DType.I64, DType.BOOL),
    /** A BOOL operand, then two of one type, also the result's. */
    SELECT(DType.F32, DType.F64, DType.I32, DType.I64, DType.BOOL);

    final List<DType> dtypes;

    Kind(DType... dtypes) {
      this.dtypes = List.of(dtypes);
    }
  }

  /** The true value for floating operands. */
  @FunctionalInterface
  interface Real {
    double of(double... x);
  }

  /** The true value for integer and BOOL operands; wraps. */
  @FunctionalInterface
  interface Whole {
    long of(long... x);
  }

  final String name;
  final @Nullable Op op;
  final Kind kind;
  final int arity;
  final Function<Tensor[], Tensor> call;
  private final Real real;
  private final @Nullable Whole whole;
  private final double[] low;
  private final double[] high;
  Bound bound = Bound.EXACT;
  String reason = "correctly rounded";
  private double[] @Nullable [] gradientDomain;

  private OpRow(
      String name,
      @Nullable Op op,
      Kind kind,
      int arity,
      Function<Tensor[], Tensor> call,
      Real real,
      @Nullable Whole whole) {
    this.name = name;
    this.op = op;
    this.kind = kind;
    this.arity = arity;
    this.call = call;
    this.real = real;
    this.whole = whole;
    this.low = new double[arity];
    this.high = new double[arity];
    Arrays.fill(low, -100);
    Arrays.fill(high, 100);
  }

  static OpRow unary(
      String name,
      @Nullable Op op,
      Kind kind,
      UnaryOperator<Tensor> call,
      DoubleUnaryOperator real,
      @Nullable LongUnaryOperator whole) {
    return new OpRow(
        name,
        op,
        kind,
        1,
        x -> call.apply(x[0]),
        x -> real.applyAsDouble(x[0]),
        whole == null ? null : x -> whole.applyAsLong(x[0]));
  }

  /** Returns a row of a function of floating numbers alone. */
  static OpRow floating(
      String name, @Nullable Op op, UnaryOperator<Tensor> call, DoubleUnaryOperator real) {
    return unary(name, op, Kind.FLOAT, call, real, null);
  }

  static OpRow binary(
      String name,
      @Nullable Op op,
      Kind kind,
      BinaryOperator<Tensor> call,
      DoubleBinaryOperator real,
      LongBinaryOperator whole) {
    return new OpRow(
        name,
        op,
        kind,
        2,
        x -> call.apply(x[0], x[1]),
        x -> real.applyAsDouble(x[0], x[1]),
        x -> whole.applyAsLong(x[0], x[1]));
  }

  static OpRow ternary(
      String name,
      @Nullable Op op,
      Kind kind,
      Function<Tensor[], Tensor> call,
      Real real,
      Whole whole) {
    return new OpRow(name, op, kind, 3, call, real, whole);
  }

  /** Draws an operand's test values from an interval. */
  OpRow on(int operand, double from, double to) {
    low[operand] = from;
    high[operand] = to;
    return this;
  }

  OpRow on(double from, double to) {
    Arrays.fill(low, from);
    Arrays.fill(high, to);
    return this;
  }

  /** Allows a distance from the true value, in ulps, with the reason. */
  OpRow within(double f32, double f64, String why) {
    return within(Bound.ulps(f32, f64), why);
  }

  OpRow within(Bound allowed, String why) {
    bound = allowed;
    reason = why;
    return this;
  }

  /** Says that gradients are checked at operands in this interval. */
  OpRow gradient(double from, double to) {
    double[][] domain = new double[arity][];
    for (int i = 0; i < arity; i++) {
      domain[i] = new double[] {from, to};
    }
    gradientDomain = domain;
    return this;
  }

  OpRow gradient(int operand, double from, double to) {
    double[][] domain = gradientDomain == null ? new double[arity][] : gradientDomain;
    domain[operand] = new double[] {from, to};
    gradientDomain = domain;
    return this;
  }

  boolean hasGradient() {
    return gradientDomain != null;
  }

  /** Returns whether gradients flow to an operand. */
  boolean hasGradient(int operand) {
    return gradientDomain != null && !(kind == Kind.SELECT && operand == 0);
  }

  DType operandType(int operand, DType dtype) {
    return kind == Kind.SELECT && operand == 0 ? DType.BOOL : dtype;
  }

  DType resultType(DType dtype) {
    return switch (kind) {
      case NUMERIC, SELECT -> dtype;
      case FLOAT -> dtype.isFloat() ? dtype : DType.F32;
      case LOGIC, COMPARE -> DType.BOOL;
    };
  }

  /** Returns random operands. */
  Values sample(int operand, DType dtype, long seed, long... dims) {
    double from = low[operand];
    double to = high[operand];
    DType type = operandType(operand, dtype);
    return Samples.random(
        type,
        seed * 31 + operand,
        r ->
            switch (r.nextInt(8)) {
              case 0 -> anyBits(type, r);
              case 1 -> Math.scalb(r.nextDouble() * (r.nextBoolean() ? 1 : -1), r.nextInt(-20, 8));
              default -> from + (to - from) * r.nextDouble();
            },
        dims);
  }

  private static double anyBits(DType dtype, SplittableRandom random) {
    return dtype == DType.F32
        ? Float.intBitsToFloat(random.nextInt())
        : Double.longBitsToDouble(random.nextLong());
  }

  /** Returns operands where the function is smooth: away from whole and half numbers and ties. */
  Values smoothSample(int operand, long seed, long... dims) {
    if (kind == Kind.SELECT && operand == 0) {
      return Samples.whole(DType.BOOL, seed, 1, dims);
    }
    double[][] domain = java.util.Objects.requireNonNull(gradientDomain);
    double from = domain[operand][0];
    double to = domain[operand][1];
    return Samples.random(
        DType.F64,
        seed * 37 + operand,
        r -> {
          double x;
          do {
            x = from + (to - from) * r.nextDouble();
            x = Math.floor(x) + 0.1 + 0.1 * operand + 0.08 * r.nextDouble();
          } while (x < from || x > to);
          return x;
        },
        dims);
  }

  /**
   * Returns the true results for operands of one shape; of doubles where the result is floating.
   */
  Values expected(DType dtype, List<Values> operands) {
    long[] dims = {};
    for (Values operand : operands) {
      dims = Values.broadcast(dims, operand.dims());
    }
    List<Values> spread = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      Values operand = operands.get(i);
      boolean converted = kind == Kind.FLOAT && !operand.dtype().isFloat();
      spread.add((converted ? operand.cast(DType.F32) : operand).broadcastTo(dims));
    }
    DType result = resultType(dtype);
    int n = Values.count(dims);
    boolean reals = spread.get(arity - 1).dtype().isFloat();
    double[] out = new double[n];
    long[] wholeOut = new long[n];
    double[] x = new double[arity];
    long[] w = new long[arity];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < arity; j++) {
        x[j] = spread.get(j).real(i);
        w[j] = reals ? (long) x[j] : spread.get(j).integer(i);
      }
      if (reals) {
        out[i] = real.of(x);
        wholeOut[i] = (long) out[i];
      } else {
        wholeOut[i] = java.util.Objects.requireNonNull(whole).of(w);
      }
    }
    return result.isFloat()
        ? Values.reals(bound == Bound.EXACT ? result : DType.F64, out, dims)
        : Values.integers(result, wholeOut, dims);
  }

  /** Returns the true function at one place. */
  double at(double... x) {
    return real.of(x);
  }

  /** Checks a result against the truth. */
  void check(String what, DType dtype, List<Values> operands, Tensor actual) {
    Values expected = expected(dtype, operands);
    String title = name + " " + dtype + " " + what;
    if (bound == Bound.EXACT || !expected.dtype().isFloat()) {
      Expect.same(title, expected, actual);
      return;
    }
    DType result = resultType(dtype);
    List<Values> spread = operands.stream().map(v -> v.broadcastTo(expected.dims())).toList();
    double[] x = new double[arity];
    Expect.near(
        title + " (" + reason + ")",
        expected,
        i -> {
          for (int j = 0; j < arity; j++) {
            x[j] = spread.get(j).real(i);
          }
          return bound.allowed(expected.real(i), x, result);
        },
        actual);
  }

  @Override
  public String toString() {
    return name;
  }
}
