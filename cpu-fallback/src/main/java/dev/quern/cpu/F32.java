package dev.quern.cpu;

/**
 * The F32 math routines, the same bits on every backend. Each is a short polynomial after a range
 * reduction, built only from operations that IEEE 754 and the integers define to the last bit.
 *
 * <p>This file is written in the part of Java that is also C, so that the GPU kernels, and {@link
 * F32Simd}, can say the same line by line:
 *
 * <ul>
 *   <li>locals of float, int and boolean, each assigned by one expression; no double, array, table
 *       or loop; calls only of the routines here;
 *   <li>on float {@code + - * /}, fma, abs, negation, comparisons and isNaN; each rounds once, so a
 *       compiler's contraction of {@code a * b + c} must be off;
 *   <li>on int {@code + - & | ^ << >>}, wrapping (in C on unsigned, but {@code >>} on int);
 *   <li>{@code ?:} and {@code &&} as selects: both sides are harmless to compute, and no result
 *       depends on which lanes take which side;
 *   <li>literals end in f, hexadecimal where the exact value matters.
 * </ul>
 *
 * <p>"Error" below is the largest over all floats, in units of the last place of a float at the
 * true value, rounding included, found by trying all of them; docs/numbers.md has the table and the
 * command. Subnormal arguments and results count like others. NaN gives NaN, of unspecified
 * payload. The coefficients are minimax fits for the intervals named, made with Sollya's fpminimax
 * (Brisebarre and Chevillard, "Efficient polynomial L-infinity approximations", ARITH 2007) or by
 * weighted least squares with Lawson's weights, the coefficients rounded to float one by one.
 */
final class F32 {
  /**
   * 1.5 * 2^23. Adding it rounds a float of less than 2^22 to an integer n, held in the low bits.
   */
  static final float ROUND = 12582912.0f;

  /** The same with 127 added: the low byte is then the exponent field of 2^n. */
  static final float ROUND_TO_EXPONENT = ROUND + 127.0f;

  /** The same with 254 added: its two halves are the exponent fields of two factors of 2^n. */
  static final float ROUND_TO_TWO_EXPONENTS = ROUND + 254.0f;

  /** The bits of {@link #ROUND}: adding them turns a small int into ROUND plus that int. */
  static final int ROUND_BITS = 0x4b400000;

  /** 1 / log 2. */
  static final float LOG2_E = 0x1.715476p0f;

  /** log 2 to 21 bits: n times it, taken from a float near it, leaves no rounding error. */
  static final float LN2 = 0x1.62e43p-1f;

  /** log 2 less {@link #LN2}. */
  static final float LN2_TAIL = -0x1.05c61p-29f;

  /** exp(x) is 0 from here down. */
  static final float EXP_LOW = -104.0f;

  /** exp(x) is infinite from here up. */
  static final float EXP_HIGH = 89.0f;

  /** The bits of 2/3: mantissas are taken from [2/3, 4/3). */
  static final int TWO_THIRDS = 0x3f2aaaab;

  static final int SIGN = 0x80000000;

  private F32() {}

  /**
   * Returns e^x.
   *
   * <p>x = n log 2 + r with |r| at most log(2)/2, in two steps (Cody and Waite, "Software Manual
   * for the Elementary Functions", 1980); e^r - 1 by a polynomial of degree 6; the result is scaled
   * by two powers of two, so that a subnormal one is rounded once. Error 1.02 ULP; never decreases.
   * exp(0) = 1; at -inf 0, at inf inf.
   */
  static float exp(float x) {
    float c = x < EXP_LOW ? EXP_LOW : x;
    c = c > EXP_HIGH ? EXP_HIGH : c;
    float t = fma(c, LOG2_E, ROUND_TO_TWO_EXPONENTS);
    float n = t - ROUND_TO_TWO_EXPONENTS;
    float r = fma(n, -LN2_TAIL, fma(n, -LN2, c));
    int i = bits(t);
    int j = i >> 1;
    float s = fromBits(j << 23);
    float g = fromBits((i - j) << 23);
    return fma(s, expm1Near0(r), s) * g;
  }

  /**
   * Returns e^x - 1.
   *
   * <p>x = 2 m log 2 + r with |r| at most log 2; q = e^r - 1 by a polynomial of degree 8; with s =
   * 2^m the result is s (s q + (s - 1/s)), where the bracket is one fma. The even multiple keeps
   * all arguments below log 2 free of a subtraction. Error 1.41 ULP; never decreases. At -0.0 -0.0,
   * at -inf -1, at inf inf.
   */
  static float expm1(float x) {
    float c = x < EXP_LOW ? EXP_LOW : x;
    c = c > EXP_HIGH ? EXP_HIGH : c;
    float t = fma(c, 0.5f * LOG2_E, ROUND_TO_EXPONENT);
    float m = t - ROUND_TO_EXPONENT;
    float r = fma(m, -2.0f * LN2_TAIL, fma(m, -2.0f * LN2, c));
    float s = fromBits(bits(t) << 23);
    float p = 0x1.a0bd8cp-16f;
    p = fma(p, r, 0x1.a557fcp-13f);
    p = fma(p, r, 0x1.6c1c8ep-10f);
    p = fma(p, r, 0x1.110b6ep-7f);
    p = fma(p, r, 0x1.55554ap-5f);
    p = fma(p, r, 0x1.55555cp-3f);
    p = fma(p, r, 0.5f);
    float q = fma(p, r * r, r);
    float y = fma(s, q, s - reciprocal(s)) * s;
    return x == 0.0f ? x : y;
  }

  /**
   * Returns the natural logarithm of x.
   *
   * <p>x = 2^e (1 + f) with 1 + f in [2/3, 4/3); log(1 + f) by a polynomial of degree 10; a
   * subnormal x is first scaled by 2^23. Error 0.94 ULP; never decreases. log(1) = 0; at either
   * zero -inf, below zero NaN, at inf inf.
   */
  static float log(float x) {
    boolean tiny = x < 0x1p-126f;
    int i = bits(tiny ? x * 0x1p23f : x) - TWO_THIRDS;
    float e = fromBits((i >> 23) + ROUND_BITS) - (tiny ? ROUND + 23.0f : ROUND);
    float f = fromBits((i & 0x7fffff) + TWO_THIRDS) - 1.0f;
    float y = fma(e, LN2, fma(f * f, log1pTail(f), f));
    y = x > 0.0f ? y : x == 0.0f ? Float.NEGATIVE_INFINITY : Float.NaN;
    return x < Float.POSITIVE_INFINITY ? y : x;
  }

  /**
   * Returns log(1 + x).
   *
   * <p>The exponent e is that of the rounded 1 + x, as in {@link #log}; f = 2^-e (1 + x) - 1 is one
   * fma on x itself, so nothing of a small x is lost. Error 1.55 ULP; never decreases. At -0.0
   * -0.0, at -1 -inf, below -1 NaN, at inf inf.
   */
  static float log1p(float x) {
    float u = 1.0f + x;
    int i = bits(u) - TWO_THIRDS;
    float e = fromBits((i >> 23) + ROUND_BITS) - ROUND;
    // 4 * 2^-e, since 2^-e itself can be subnormal
    float s = fromBits(0x40800000 - (i & 0xff800000));
    float f = fma(0.25f * x, s, fma(0.25f, s, -1.0f));
    float y = fma(e, LN2, fma(f * f, log1pTail(f), f));
    y = u > 0.0f ? y : u == 0.0f ? Float.NEGATIVE_INFINITY : Float.NaN;
    y = x < Float.POSITIVE_INFINITY ? y : x;
    return Math.abs(x) < 0x1p-24f ? x : y;
  }

  /**
   * Returns the hyperbolic tangent of x.
   *
   * <p>Of a = |x|, the sign put back at the end: below 0.6 an odd polynomial of degree 11, from
   * there 1 - 2 / (e^2a + 1), the sum in the divisor rounded once. Error 1.24 ULP; odd, never
   * decreases, at most 1. At -0.0 -0.0, at inf 1.
   */
  static float tanh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = -0x1.6452a4p-8f;
    p = fma(p, z, 0x1.4e27d4p-6f);
    p = fma(p, z, -0x1.b79d74p-5f);
    p = fma(p, z, 0x1.110258p-3f);
    p = fma(p, z, -0x1.55551cp-2f);
    float small = fma(p * z, a, a);
    float c = a > 10.0f ? 10.0f : a;
    float t = fma(c, 2.0f * LOG2_E, ROUND_TO_EXPONENT);
    float r = fma(t - ROUND_TO_EXPONENT, -0.5f * LN2, c);
    float s = fromBits(bits(t) << 23);
    // h = (e^2r - 1) / 2, and (e^2a + 1) / 2 = s h + (s + 1) / 2
    float h = 0x1.6b71a8p-5f;
    h = fma(h, r, 0x1.1227c2p-3f);
    h = fma(h, r, 0x1.555718p-2f);
    h = fma(h, r, 0x1.5554bp-1f);
    h = fma(h, r, 0x1.fffffep-1f);
    h = fma(h, r * r, r);
    float large = 1.0f - 1.0f / fma(s, h, fma(s, 0.5f, 0.5f));
    return withSign(a < 0.6f ? small : large, x);
  }

  /**
   * Returns 1 / (1 + e^-x).
   *
   * <p>With e^-x = s g (1 + q) as in {@link #exp} and v = 1/g the result is v / (s q + (s + v)): a
   * division whose divisor is rounded once, right up to the subnormal results. What s + v may lose
   * is put into q. Error 1.70 ULP; never decreases, within [0, 1]. sigmoid(0) = 1/2; at -inf 0, at
   * inf 1.
   */
  static float sigmoid(float x) {
    float c = -x;
    c = c < -EXP_HIGH ? -EXP_HIGH : c;
    c = c > -EXP_LOW ? -EXP_LOW : c;
    float t = fma(c, LOG2_E, ROUND_TO_TWO_EXPONENTS);
    float n = t - ROUND_TO_TWO_EXPONENTS;
    float r = fma(n, -LN2_TAIL, fma(n, -LN2, c));
    int i = bits(t);
    int j = i >> 1;
    float s = fromBits(j << 23);
    float v = reciprocal(fromBits((i - j) << 23));
    float w = s + v;
    float q = fma((s - w) + v, reciprocal(s), expm1Near0(r));
    return v / fma(s, q, w);
  }

  /**
   * Returns log(1 + e^x).
   *
   * <p>max(x, 0) + log(1 + d) with d = e^-|x|. Up to d = 1/3 d is held in two floats and log(1 + d)
   * is the polynomial of {@link #log}; above, log(1 + d) = log 2 + log(1 + (d - 1) / 2), the
   * argument being one fma. Error 1.75 ULP. At -inf 0, at inf inf.
   */
  static float softplus(float x) {
    float c = -Math.abs(x);
    c = c < EXP_LOW ? EXP_LOW : c;
    float t = fma(c, LOG2_E, ROUND_TO_TWO_EXPONENTS);
    float n = t - ROUND_TO_TWO_EXPONENTS;
    float r = fma(n, -LN2_TAIL, fma(n, -LN2, c));
    int i = bits(t);
    int j = i >> 1;
    float s = fromBits(j << 23);
    float g = fromBits((i - j) << 23);
    float q = expm1Near0(r);
    float u = fma(s, q, s);
    float d = u * g;
    float tail = fma(s, q, s - u) * g;
    float h = 0.5f * s * g;
    boolean large = d > 0x1.555556p-2f;
    float f = large ? fma(h, q, h - 0.5f) : d;
    float y = f + fma(f * f, log1pTail(f), large ? 0.0f : tail);
    return (y + (large ? LN2 : 0.0f)) + (x > 0.0f ? x : 0.0f);
  }

  /**
   * Returns the error function 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
   *
   * <p>Of a = |x|, the sign put back at the end: below 0.921875 an odd polynomial of degree 13,
   * from there 1 - 2^g with g = log2(erfc(a)) by a polynomial of degree 7, and 2^g by one of degree
   * 5 after the removal of the integer part. Error 1.48 ULP; odd, at most 1. At -0.0 -0.0, at inf
   * 1.
   */
  static float erf(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = 0x1.698f48p-14f;
    p = fma(p, z, -0x1.adb96ep-11f);
    p = fma(p, z, 0x1.551b3cp-8f);
    p = fma(p, z, -0x1.b8147p-6f);
    p = fma(p, z, 0x1.ce2e1ep-4f);
    p = fma(p, z, -0x1.812742p-2f);
    p = fma(p, z, 0x1.06eba8p-3f);
    float small = fma(p, a, a);
    float c = a > 4.0f ? 4.0f : a;
    float g = -0x1.006272p-15f;
    g = fma(g, c, 0x1.4965e6p-11f);
    g = fma(g, c, -0x1.8ad484p-8f);
    g = fma(g, c, 0x1.290662p-5f);
    g = fma(g, c, -0x1.3ffc3cp-3f);
    g = fma(g, c, -0x1.d3d0bap-1f);
    g = fma(g, c, -0x1.a12aaep0f);
    g = fma(g, c, 0x1.0acafcp-12f);
    float t = g + ROUND_TO_EXPONENT;
    float r = g - (t - ROUND_TO_EXPONENT);
    float s = fromBits(bits(t) << 23);
    float e = 0x1.5bd82ep-10f;
    e = fma(e, r, 0x1.3ce8b6p-7f);
    e = fma(e, r, 0x1.c6b6dcp-5f);
    e = fma(e, r, 0x1.ebf9c2p-3f);
    e = fma(e, r, 0x1.62e42ap-1f);
    e = fma(e, r, 1.0f);
    float large = fma(-s, e, 1.0f);
    return withSign(a < 0.921875f ? small : large, x);
  }

  /**
   * Returns x^y with the special values of C99 (annex F.9.4.4): 1 if x is 1 or y is 0, even if the
   * other is NaN; also 1 if x is -1 and y infinite; NaN if x is below zero and finite and y not an
   * integer; else the limit, with the sign of x if y is an odd integer.
   *
   * <p>log|x| = e log 2 + 2 atanh(w), w = f / (2 + f), in two floats: the product and the quotient
   * errors come from fma, the sum errors from Dekker's Fast2Sum ("A floating-point technique for
   * extending the available precision", 1971). y log|x| in two floats goes to the exponential of
   * {@link #exp}, the second float being added to its argument. The largest error seen in 2^30
   * pairs and more is 1.06 ULP; all pairs are too many to try.
   */
  static float pow(float x, float y) {
    float a = Math.abs(x);
    boolean tiny = a < 0x1p-126f;
    int i = bits(tiny ? a * 0x1p23f : a) - TWO_THIRDS;
    float e = fromBits((i >> 23) + ROUND_BITS) - (tiny ? ROUND + 23.0f : ROUND);
    float f = fromBits((i & 0x7fffff) + TWO_THIRDS) - 1.0f;
    // w + wt = f / (2 + f), z + zt its square, m + mt = 2 atanh(w + wt)
    float d = f + 2.0f;
    float inverse = 1.0f / d;
    float w = f * inverse;
    float wt = inverse * fma(-w, f - (d - 2.0f), fma(-w, d, f));
    float z = w * w;
    float w2 = w + w;
    float zt = fma(w2, wt, fma(w, w, -z));
    float p = 0x1.97ea5p-3f;
    p = fma(p, z, 0x1.c5bfdp-3f);
    p = fma(p, z, 0x1.2495p-2f);
    p = fma(p, z, 0x1.999996p-2f);
    float q = fma(z, p, 0x1.555556p-1f);
    float qt = fma(z, p, 0x1.555556p-1f - q) - 0x1.555556p-26f;
    float c = z * w;
    float ct = fma(z, w, -c) + fma(z, wt, zt * w);
    float k = c * q;
    float kt = fma(c, q, -k) + fma(c, qt, ct * q);
    float m = w2 + k;
    float mt = ((w2 - m) + k) + ((wt + wt) + kt);
    // l + lt = log a; the first part of log 2 is short, so that its multiples are exact
    float el = e * 0x1.62e4p-1f;
    float sum = el + m;
    float rest = ((el - sum) + m) + fma(e, 0x1.7f7d1cp-20f, mt);
    float l = sum + rest;
    float lt = (sum - l) + rest;
    l = a == 0.0f ? Float.NEGATIVE_INFINITY : l;
    l = a < Float.POSITIVE_INFINITY ? l : a;
    // v = e^(y (l + lt))
    float v = y * l;
    float vt = fma(y, lt, fma(y, l, -v));
    vt = Math.abs(v) < -EXP_LOW ? vt : 0.0f;
    v = v < EXP_LOW ? EXP_LOW : v;
    v = v > EXP_HIGH ? EXP_HIGH : v;
    float t = fma(v, LOG2_E, ROUND_TO_TWO_EXPONENTS);
    float n = t - ROUND_TO_TWO_EXPONENTS;
    float rh = fma(n, -LN2, v);
    float rt = fma(n, -LN2_TAIL, vt);
    float r = rh + rt;
    rt = (rh - r) + rt;
    q = expm1Near0(r);
    q = q + fma(rt, q, rt);
    i = bits(t);
    int j = i >> 1;
    float s = fromBits(j << 23);
    v = fma(s, q, s) * fromBits((i - j) << 23);
    // the sign, and what the formulas leave undecided
    v = a == 1.0f ? 1.0f : v;
    float b = Math.abs(y);
    boolean fractional = b < 0x1p23f;
    float o = fractional ? b + 0x1p23f : b;
    float whole = fractional ? o - 0x1p23f : b;
    // the lowest bit of o says whether the integer is odd; from 2^24 all are even
    o = b >= 0x1p24f ? 0.0f : o;
    float integral = fromBits(bits(v) | ((bits(o) << 31) & bits(x)));
    float root = x < 0.0f ? Float.NaN : v;
    root = x == Float.NEGATIVE_INFINITY ? v : root;
    v = whole == b ? integral : root;
    v = Float.isNaN(y) ? y : v;
    v = x == 1.0f ? 1.0f : v;
    return y == 0.0f ? 1.0f : v;
  }

  /**
   * Returns sin(2 pi u), for u from -1 to 1.
   *
   * <p>u = k/4 + r with |r| at most 1/8, exactly; the sine or cosine of r turns by a polynomial of
   * degree 9 or 8, as k says. Error 0.97 ULP. Exact at multiples of a quarter.
   */
  static float sin2pi(float u) {
    float t = fma(u, 4.0f, ROUND);
    float r = fma(t - ROUND, -0.25f, u);
    int k = bits(t);
    float v = (k & 1) != 0 ? cosTurns(r) : sinTurns(r);
    return fromBits(bits(v) ^ ((k & 2) << 30));
  }

  /** Returns cos(2 pi u), for u from -1 to 1, as {@link #sin2pi} does. Error 0.88 ULP. */
  static float cos2pi(float u) {
    float t = fma(u, 4.0f, ROUND);
    float r = fma(t - ROUND, -0.25f, u);
    int k = bits(t);
    float v = (k & 1) != 0 ? sinTurns(r) : cosTurns(r);
    return fromBits(bits(v) ^ (((k + 1) & 2) << 30));
  }

  /** e^r - 1 for |r| up to log(2)/2. */
  static float expm1Near0(float r) {
    float p = 0x1.6a4f5ep-10f;
    p = fma(p, r, 0x1.123986p-7f);
    p = fma(p, r, 0x1.5558aep-5f);
    p = fma(p, r, 0x1.555492p-3f);
    p = fma(p, r, 0x1.fffffcp-2f);
    return fma(p, r * r, r);
  }

  /** (log(1 + f) - f) / f^2 for f from -1/3 to 1/3. */
  static float log1pTail(float f) {
    float p = -0x1.06fc5ep-3f;
    p = fma(p, f, 0x1.1ef6b4p-3f);
    p = fma(p, f, -0x1.f392f6p-4f);
    p = fma(p, f, 0x1.1eb624p-3f);
    p = fma(p, f, -0x1.5598bep-3f);
    p = fma(p, f, 0x1.99d284p-3f);
    p = fma(p, f, -0x1.ffff1p-3f);
    p = fma(p, f, 0x1.5555p-2f);
    return fma(p, f, -0.5f);
  }

  private static float sinTurns(float r) {
    float z = r * r;
    float p = 0x1.46c1c8p5f;
    p = fma(p, z, -0x1.32b5a2p6f);
    p = fma(p, z, 0x1.466b84p6f);
    p = fma(p, z, -0x1.4abbcep5f);
    // 2 pi in two floats
    p = fma(p, z, -0x1.777a5cp-23f);
    return fma(r, 0x1.921fb6p2f, r * p);
  }

  private static float cosTurns(float r) {
    float z = r * r;
    float p = 0x1.d685ccp5f;
    p = fma(p, z, -0x1.55b7dp6f);
    p = fma(p, z, 0x1.03c1b8p6f);
    p = fma(p, z, -0x1.3bd3ccp4f);
    return fma(p, z, 1.0f);
  }

  /** 1 / s for a power of two. */
  private static float reciprocal(float s) {
    return fromBits(0x7f000000 - bits(s));
  }

  /** y, which is not negative, with the sign of x. */
  static float withSign(float y, float x) {
    return fromBits(bits(y) | (bits(x) & SIGN));
  }

  static int bits(float x) {
    return Float.floatToRawIntBits(x);
  }

  static float fromBits(int i) {
    return Float.intBitsToFloat(i);
  }

  static float fma(float a, float b, float c) {
    return Math.fma(a, b, c);
  }
}
