package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.spi.Op;

/**
 * What each row of the op table means, in plain Java and independent of every backend: in double
 * precision for floating types, in wrapping 64-bit integers for the others. Truth values are 0 and
 * 1.
 */
final class Oracle {
  private Oracle() {}

  /** Returns an operation's result on real operands. */
  static double real(Op op, double... x) {
    double a = x[0];
    double b = x.length > 1 ? x[1] : 0;
    double c = x.length > 2 ? x[2] : 0;
    return switch (op) {
      case NEG -> -a;
      case ABS -> Math.abs(a);
      case SIGN -> Math.signum(a);
      case SQRT -> Math.sqrt(a);
      case EXP -> StrictMath.exp(a);
      case EXPM1 -> StrictMath.expm1(a);
      case LOG -> StrictMath.log(a);
      case LOG1P -> StrictMath.log1p(a);
      case TANH -> StrictMath.tanh(a);
      case SIGMOID -> sigmoid(a);
      case ERF -> erf(a);
      case SIN -> StrictMath.sin(a);
      case COS -> StrictMath.cos(a);
      case TAN -> StrictMath.tan(a);
      case ASIN -> StrictMath.asin(a);
      case ACOS -> StrictMath.acos(a);
      case ATAN -> StrictMath.atan(a);
      case SINH -> StrictMath.sinh(a);
      case COSH -> StrictMath.cosh(a);
      case ASINH -> asinh(a);
      case ACOSH -> acosh(a);
      case ATANH -> atanh(a);
      case RELU -> a < 0 ? 0 : a;
      case SOFTPLUS -> softplus(a);
      case FLOOR -> Math.floor(a);
      case CEIL -> Math.ceil(a);
      case ROUND -> Math.rint(a);
      case TRUNC -> a < 0 ? Math.ceil(a) : Math.floor(a);
      case CAST -> a;
      case IS_NAN -> truth(Double.isNaN(a));
      case IS_INF -> truth(Double.isInfinite(a));
      case NOT -> truth(a == 0);
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case POW -> pow(a, b);
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case MOD -> floorMod(a, b);
      case FMOD -> a % b;
      case EQ -> truth(a == b);
      case NE -> truth(a != b);
      case LT -> truth(a < b);
      case LE -> truth(a <= b);
      case GT -> truth(a > b);
      case GE -> truth(a >= b);
      case AND -> truth(a != 0 && b != 0);
      case OR -> truth(a != 0 || b != 0);
      case XOR -> truth(a != 0 ^ b != 0);
      case WHERE -> a != 0 ? b : c;
      case CLAMP -> Math.min(Math.max(a, b), c);
    };
  }

  /** Returns an operation's result on integers, before it wraps to 32 bits. */
  static long whole(Op op, long... x) {
    long a = x[0];
    long b = x.length > 1 ? x[1] : 0;
    long c = x.length > 2 ? x[2] : 0;
    return switch (op) {
      case NEG -> -a;
      case ABS -> Math.abs(a);
      case SIGN -> Long.signum(a);
      case RELU -> Math.max(a, 0);
      case FLOOR, CEIL, ROUND, TRUNC, CAST -> a;
      case IS_NAN, IS_INF -> 0;
      case NOT -> a == 0 ? 1 : 0;
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> b == 0 ? 0 : a / b;
      case POW -> power(a, b);
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case MOD -> b == 0 ? 0 : Math.floorMod(a, b);
      case FMOD -> b == 0 ? 0 : a % b;
      case EQ -> a == b ? 1 : 0;
      case NE -> a != b ? 1 : 0;
      case LT -> a < b ? 1 : 0;
      case LE -> a <= b ? 1 : 0;
      case GT -> a > b ? 1 : 0;
      case GE -> a >= b ? 1 : 0;
      case AND -> a & b;
      case OR -> a | b;
      case XOR -> a ^ b;
      case WHERE -> a != 0 ? b : c;
      case CLAMP -> Math.min(Math.max(a, b), c);
      case SQRT, EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, ERF, SOFTPLUS ->
          throw new IllegalArgumentException(op + " has no integer form");
      case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH ->
          throw new IllegalArgumentException(op + " has no integer form");
    };
  }

  private static double truth(boolean value) {
    return value ? 1 : 0;
  }

  static double sigmoid(double a) {
    // Either form loses digits on the other side.
    double e = StrictMath.exp(-Math.abs(a));
    return a < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  static double softplus(double a) {
    return Math.max(a, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(a)));
  }

  static double asinh(double a) {
    double b = Math.abs(a);
    // Beyond 2^30 the root is b itself; below, this form loses nothing near 0.
    double y =
        b < 0x1p30
            ? StrictMath.log1p(b + b * b / (1 + Math.sqrt(b * b + 1)))
            : StrictMath.log(b) + StrictMath.log(2);
    return Math.copySign(y, a);
  }

  /** Through cosh y = 1 + 2 sinh(y/2)^2. */
  static double acosh(double a) {
    return a < 1 ? Double.NaN : 2 * asinh(Math.sqrt((a - 1) / 2));
  }

  static double atanh(double a) {
    return Math.copySign(StrictMath.log1p(2 * Math.abs(a) / (1 - Math.abs(a))) / 2, a);
  }

  /**
   * Returns {@code 2/sqrt(pi) e^(-a^2) sum 2^n a^(2n+1) / (1 3 5 .. (2n+1))}, whose terms have one
   * sign, so that none cancel.
   */
  static double erf(double a) {
    if (Double.isNaN(a) || Math.abs(a) > 6) {
      return Double.isNaN(a) ? a : Math.signum(a);
    }
    double term = a;
    double sum = a;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-18; n++) {
      term *= 2 * a * a / (2 * n + 1);
      sum += term;
    }
    return sum * StrictMath.exp(-a * a) * (2 / Math.sqrt(Math.PI));
  }

  /** Java's power but for two cases in which C99 has 1. */
  private static double pow(double a, double b) {
    boolean one = a == 1 || (a == -1 && Double.isInfinite(b));
    return one ? 1 : StrictMath.pow(a, b);
  }

  private static double floorMod(double a, double b) {
    double r = a % b;
    return r != 0 && r < 0 != b < 0 ? r + b : r;
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      boolean odd = (exponent & 1) != 0;
      return base == 1 ? 1 : base == -1 ? (odd ? -1 : 1) : 0;
    }
    long result = 1;
    long square = base;
    for (long e = exponent; e > 0; e >>= 1) {
      result *= (e & 1) != 0 ? square : 1;
      square *= square;
    }
    return result;
  }

  /** Returns a value rounded to the nearest that a floating type can hold, ties to even. */
  static double rounded(DType dtype, double value) {
    if (dtype == DType.F64 || !Double.isFinite(value)) {
      return value;
    }
    int digits = dtype == DType.F16 ? 11 : dtype == DType.BF16 ? 8 : 24;
    int least = dtype == DType.F16 ? -14 : -126;
    double step = Math.scalb(1.0, Math.max(Math.getExponent(value), least) + 1 - digits);
    double magnitude = Math.rint(Math.abs(value) / step) * step;
    boolean over = magnitude >= (dtype == DType.F16 ? 0x1p16 : 0x1p128);
    return Math.copySign(over ? Double.POSITIVE_INFINITY : magnitude, value);
  }

  /** Returns an integer rounded to the nearest that a floating type can hold, ties to even. */
  static double rounded(DType dtype, long value) {
    // In two parts: what a double loses counts only where the rest is a tie.
    double high = value;
    long low = high == 0x1p63 ? value - Long.MAX_VALUE - 1 : value - (long) high;
    double nudged = low == 0 ? high : low > 0 ? Math.nextUp(high) : Math.nextDown(high);
    return rounded(dtype, dtype == DType.F64 ? high : nudged);
  }
}
