package dev.quern.tck;

/**
 * Real functions in double, independent of every backend: StrictMath where it has them, else
 * textbook series. Good to a few units in the last place of a double.
 */
final class TrueMath {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

  private TrueMath() {}

  /** Returns the error function by its power series near 0 and a continued fraction beyond. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a < 1e-9) {
      return x * TWO_OVER_SQRT_PI;
    }
    if (a > 6) {
      return Math.signum(x);
    }
    return Math.copySign(a < 1.5 ? erfSeries(a) : 1 - erfcFraction(a), x);
  }

  // 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!: all terms positive, so nothing cancels.
  private static double erfSeries(double x) {
    double term = x;
    double sum = 0;
    for (int n = 0; term > sum * 1e-18; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 3);
    }
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x) * sum;
  }

  // e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), from the inside out.
  private static double erfcFraction(double x) {
    double tail = x;
    for (int n = 200; n > 0; n--) {
      tail = x + n / 2.0 / tail;
    }
    return StrictMath.exp(-x * x) / Math.sqrt(Math.PI) / tail;
  }

  /** Returns the inverse of sinh: logarithms for a first value, then one step of Newton's. */
  static double asinh(double x) {
    double a = Math.abs(x);
    if (!(a < 1e18)) {
      return Math.copySign(StrictMath.log(a) + StrictMath.log(2), x);
    }
    double y = StrictMath.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
    return Math.copySign(y - (StrictMath.sinh(y) - a) / StrictMath.cosh(y), x);
  }

  /** Returns the inverse of cosh, through cosh y = 1 + 2 sinh(y/2)^2. */
  static double acosh(double x) {
    return x < 1 ? Double.NaN : 2 * asinh(Math.sqrt((x - 1) / 2));
  }

  /** Returns the inverse of tanh, through sinh y = tanh y / sqrt(1 - (tanh y)^2). */
  static double atanh(double x) {
    return Math.abs(x) > 1 ? Double.NaN : asinh(x / Math.sqrt((1 - x) * (1 + x)));
  }

  static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : x < 0 ? e / (1 + e) : x;
  }

  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** Returns a^b with C99's special cases, of which Java lacks two. */
  static double pow(double a, double b) {
    boolean one = a == 1 || (a == -1 && Double.isInfinite(b));
    return one ? 1 : StrictMath.pow(a, b);
  }

  /** Returns the remainder with the divisor's sign. */
  static double mod(double a, double b) {
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0, b);
    }
    return rest < 0 != b < 0 ? rest + b : rest;
  }

  static double sign(double x) {
    return Math.signum(x);
  }

  /** Returns the wrapping power; a negative exponent gives the truncated reciprocal. */
  static long pow(long a, long b) {
    if (b < 0) {
      return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    long square = a;
    for (long rest = b; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }

  static long divide(long a, long b) {
    return b == 0 ? 0 : a / b;
  }

  static long mod(long a, long b) {
    return b == 0 ? 0 : Math.floorMod(a, b);
  }

  static long remainder(long a, long b) {
    return b == 0 ? 0 : a % b;
  }
}
