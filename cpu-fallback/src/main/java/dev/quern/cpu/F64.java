package dev.quern.cpu;

/** The F64 routines that StrictMath lacks. */
final class F64 {
  /** erf(x) / x in powers of x^2 for |x| below 1: Chebyshev interpolation, error below 1e-18. */
  private static final double[] ERF_SMALL = {
    1.1283791670955126,
    -0.37612638903183754,
    0.1128379167095512,
    -0.02686617064512984,
    0.0052239776254232985,
    -0.000854832702193483,
    0.00012055332902888736,
    -1.4925647567519332e-05,
    1.6462045441468418e-06,
    -1.6364642158167616e-07,
    1.4792401209404813e-08,
    -1.216456005728345e-09,
    8.709045129053106e-11,
    -4.230945824295338e-12
  };

  /**
   * (1 - erf(x)) e^(x^2) in powers of (x - 3) / (x + 3) for x from 1 to 6: Chebyshev interpolation,
   * error below 1e-18.
   */
  private static final double[] ERFC_LARGE = {
    0.17900115118138996,
    -0.3262335600430372,
    0.2456038017123309,
    -0.15011593650077742,
    0.07166583719797347,
    -0.024392499318655416,
    0.004269136333148302,
    0.0007077464385177353,
    -0.0005970619586158305,
    4.5255298034073955e-05,
    6.405673342206844e-05,
    -1.2860318447907675e-05,
    -7.979817704348727e-06,
    2.1169509641489688e-06,
    1.2598817267482604e-06,
    -2.7269500546476834e-07,
    -2.389387463474792e-07,
    -2.5925894581233316e-08
  };

  private static final double LN2 = 0.6931471805599453;

  private F64() {}

  /** Returns 1 / (1 + e^-x). */
  static double sigmoid(double x) {
    // The exponent is never positive, so that nothing overflows.
    double e = StrictMath.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /** Returns log(1 + e^x). */
  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** Returns the error function, to about 1e-15 of its value. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a < 1) {
      return x * polynomial(ERF_SMALL, x * x);
    }
    if (a < 6) {
      double q = polynomial(ERFC_LARGE, (a - 3) / (a + 3));
      return Math.copySign(1 - q * StrictMath.exp(-a * a), x);
    }
    return a >= 6 ? Math.copySign(1, x) : x;
  }

  /** Returns the inverse hyperbolic sine. */
  static double asinh(double x) {
    double a = Math.abs(x);
    // Where the square would overflow the root is a
    double y =
        a < 0x1p28
            ? StrictMath.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)))
            : StrictMath.log(a) + LN2;
    return Math.copySign(y, x);
  }

  /** Returns the inverse hyperbolic cosine, NaN below 1. */
  static double acosh(double x) {
    double t = x - 1;
    if (t < 0) {
      return Double.NaN;
    }
    return x < 0x1p28 ? StrictMath.log1p(t + Math.sqrt(t * (t + 2))) : StrictMath.log(x) + LN2;
  }

  /** Returns the inverse hyperbolic tangent, NaN beyond 1. */
  static double atanh(double x) {
    double a = Math.abs(x);
    return Math.copySign(0.5 * StrictMath.log1p(2 * a / (1 - a)), x);
  }

  /** Returns x^y with the special cases of C99, where Java's 1^NaN and (-1)^infinity are NaN. */
  static double pow(double x, double y) {
    if (x == 1 || (x == -1 && Double.isInfinite(y))) {
      return 1;
    }
    return StrictMath.pow(x, y);
  }

  private static double polynomial(double[] coefficients, double x) {
    double y = coefficients[coefficients.length - 1];
    for (int i = coefficients.length - 2; i >= 0; i--) {
      y = y * x + coefficients[i];
    }
    return y;
  }
}
