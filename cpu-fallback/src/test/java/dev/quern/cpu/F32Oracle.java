package dev.quern.cpu;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * What the routines of {@link F32} should give, computed in double, and how far from it they are.
 */
final class F32Oracle {
  /** The routines of one argument. */
  static final List<Routine> ROUTINES =
      List.of(
          new Routine("exp", F32::exp, StrictMath::exp, 1.5),
          new Routine("expm1", F32::expm1, StrictMath::expm1, 2),
          new Routine("log", F32::log, StrictMath::log, 1.5),
          new Routine("log1p", F32::log1p, StrictMath::log1p, 2),
          new Routine("tanh", F32::tanh, StrictMath::tanh, 1.5),
          new Routine("sigmoid", F32::sigmoid, F32Oracle::sigmoid, 2),
          new Routine("softplus", F32::softplus, F32Oracle::softplus, 2),
          new Routine("erf", F32::erf, F32Oracle::erf, 2),
          new Routine("sin", F32Trig::sin, StrictMath::sin, 2),
          new Routine("cos", F32Trig::cos, StrictMath::cos, 2),
          new Routine("tan", F32Trig::tan, StrictMath::tan, 2),
          new Routine("asin", F32Trig::asin, StrictMath::asin, 2),
          new Routine("acos", F32Trig::acos, StrictMath::acos, 2),
          new Routine("atan", F32Trig::atan, StrictMath::atan, 2),
          new Routine("sinh", F32Trig::sinh, StrictMath::sinh, 2),
          new Routine("cosh", F32Trig::cosh, StrictMath::cosh, 2),
          new Routine("asinh", F32Trig::asinh, F32Oracle::asinh, 2),
          new Routine("acosh", F32Trig::acosh, F32Oracle::acosh, 2),
          new Routine("atanh", F32Trig::atanh, F32Oracle::atanh, 2),
          new Routine("sin2pi", F32::sin2pi, F32Oracle::sin2pi, 2, -1, 1),
          new Routine("cos2pi", F32::cos2pi, u -> sin2pi(u + 0.25), 2, -1, 1));

  private F32Oracle() {}

  /**
   * A routine, its value in double, the error allowed in ULP, and the range of arguments it is for.
   */
  record Routine(
      String name,
      FloatUnary scalar,
      DoubleUnaryOperator oracle,
      double bound,
      float low,
      float high) {
    Routine(String name, FloatUnary scalar, DoubleUnaryOperator oracle, double bound) {
      this(name, scalar, oracle, bound, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /** Whether the routine promises something for x; NaN belongs to every range. */
    boolean accepts(float x) {
      return !(x < low || x > high);
    }

    /** The error of the scalar routine at x, in ULP. */
    double error(float x) {
      return ulps(scalar.apply(x), oracle.applyAsDouble(x));
    }
  }

  /** A function from float to float. */
  interface FloatUnary {
    float apply(float x);
  }

  /**
   * The distance of a float from the true value in units of the last place of a float at the true
   * value; infinite if one alone is NaN, if a zero has the wrong sign, or if a finite number is
   * wanted and an infinity given.
   */
  static double ulps(float actual, double exact) {
    if (Double.isNaN(exact) || Float.isNaN(actual)) {
      return Double.isNaN(exact) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (Float.isInfinite((float) exact) || Float.isInfinite(actual)) {
      // Half a unit beyond the largest float rounds to infinity; a routine may be early or late
      double largest = Float.MAX_VALUE;
      boolean agree = Math.abs(exact) > largest && Math.abs(actual) == Float.POSITIVE_INFINITY;
      agree &= actual > 0 == exact > 0;
      return agree ? 0 : Math.abs(actual - exact) / Math.ulp(Float.MAX_VALUE);
    }
    if (actual == 0 && Math.copySign(1, actual) != Math.copySign(1, exact)) {
      return Double.POSITIVE_INFINITY;
    }
    int exponent = Math.max(Math.getExponent(exact), Float.MIN_EXPONENT);
    return Math.abs(actual - exact) / Math.scalb(1.0, exponent - 23);
  }

  private static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /**
   * exp(-x^2) 2/sqrt(pi) times the sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms have one
   * sign.
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return sum * StrictMath.exp(-x * x) * 2 / Math.sqrt(Math.PI);
  }

  private static double asinh(double x) {
    double a = Math.abs(x);
    double y = StrictMath.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
    return Double.isInfinite(x) ? x : Math.copySign(y, x);
  }

  /** Through cosh y = 1 + 2 sinh(y/2)^2. */
  private static double acosh(double x) {
    return x < 1 ? Double.NaN : 2 * asinh(Math.sqrt((x - 1) / 2));
  }

  private static double atanh(double x) {
    double a = Math.abs(x);
    return Math.copySign(StrictMath.log1p(2 * a / (1 - a)) / 2, x);
  }

  /** The sine of a turns; the reduction to an eighth of a turn is exact. */
  static double sin2pi(double a) {
    double quarters = Math.rint(4 * a);
    double r = 2 * Math.PI * (a - quarters / 4);
    return switch ((int) quarters & 3) {
      case 0 -> StrictMath.sin(r);
      case 1 -> StrictMath.cos(r);
      case 2 -> -StrictMath.sin(r);
      default -> -StrictMath.cos(r);
    };
  }

  /** C99's pow; Java's gives NaN in two places where C99 gives 1. */
  static double pow(float x, float y) {
    boolean one = x == 1 || (x == -1 && Float.isInfinite(y));
    return one ? 1 : StrictMath.pow(x, y);
  }

  /**
   * Arguments for pow, of a kind that i picks: any bits; any base with an exponent that keeps the
   * power finite; a base near one; a negative base with an integer exponent; a power at the edge of
   * overflow or underflow.
   */
  static float[] powArguments(SplittableRandom random, int i) {
    float x = Float.intBitsToFloat(random.nextInt(0x7f800000));
    double log2 = random.nextDouble(-152, 130);
    switch (i % 5) {
      case 0 -> {
        return new float[] {
          Float.intBitsToFloat(random.nextInt()), Float.intBitsToFloat(random.nextInt())
        };
      }
      case 1 -> x = (float) (1 + Math.scalb(random.nextDouble(-1, 1), -random.nextInt(1, 23)));
      case 2 -> {
        return new float[] {(float) random.nextDouble(-20, 20), random.nextInt(-64, 64)};
      }
      case 3 -> log2 = random.nextBoolean() ? random.nextDouble(-152, -120) : 128 + log2 / 300;
      default -> {}
    }
    return new float[] {x, (float) (log2 * Math.log(2) / Math.log(x))};
  }
}
