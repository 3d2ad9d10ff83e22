package dev.quern.cpu;

import static dev.quern.cpu.F32.LN2;
import static dev.quern.cpu.F32.LN2_TAIL;
import static dev.quern.cpu.F32.LOG2_E;
import static dev.quern.cpu.F32.ROUND;
import static dev.quern.cpu.F32.ROUND_BITS;
import static dev.quern.cpu.F32.ROUND_TO_EXPONENT;
import static dev.quern.cpu.F32.SIGN;
import static dev.quern.cpu.F32.TWO_THIRDS;
import static dev.quern.cpu.F32.bits;
import static dev.quern.cpu.F32.expm1Near0;
import static dev.quern.cpu.F32.fma;
import static dev.quern.cpu.F32.fromBits;
import static dev.quern.cpu.F32.log1pTail;
import static dev.quern.cpu.F32.withSign;

/**
 * The circular and hyperbolic functions in F32 and their inverses, in the part of Java that {@link
 * F32} describes. The square root, correctly rounded, is one more operation here; the reduction of
 * arguments from {@link #NEAR} up also uses 64-bit integers: {@code + - & | << >> >>> *}, wrapping,
 * and conversions between them and float, rounding to the nearest.
 */
final class F32Trig {
  /** Below this the angle's quarter turns are a small integer; above, the integers are needed. */
  static final float NEAR = 0x1p17f;

  /** Below this sin, tan and others are their argument, whose cube vanishes beside it. */
  static final float TINY = 0x1p-12f;

  /** 2 / pi. */
  static final float TWO_OVER_PI = 0x1.45f306p-1f;

  /** pi / 2, of 24 bits: n times it, taken from a float near it, leaves no rounding error. */
  static final float HALF_PI = 0x1.921fb6p0f;

  /** {@link #HALF_PI} less pi / 2; this is also exact to 24 bits. */
  static final float HALF_PI_EXCESS = 0x1.777a5cp-25f;

  /** What {@link #HALF_PI_EXCESS} still lacks. */
  static final float HALF_PI_EXCESS_TAIL = 0x1.ee59dap-50f;

  // 2 / pi after eight zero bits; the first 253 bits, of which a float's exponent picks 128
  private static final long TWO_OVER_PI_0 = 0x00a2f9836e4e4415L;
  private static final long TWO_OVER_PI_1 = 0x29fc2757d1f534ddL;
  private static final long TWO_OVER_PI_2 = 0xc0db6295993c4390L;
  private static final long TWO_OVER_PI_3 = 0x41fe5163abdebbc5L;

  private F32Trig() {}

  /**
   * Returns the sine of x radians.
   *
   * <p>|x| = k pi/2 + r with |r| at most pi/4, r in two floats; the sine or cosine of r, as k says,
   * by a polynomial of degree 7 or 8. Below 2^17 k pi/2 is taken away in three parts (Cody and
   * Waite, "Software Manual for the Elementary Functions", 1980); from there on k and r are the
   * upper and lower bits of the product with 2/pi (Payne and Hanek, "Radian reduction for
   * trigonometric functions", SIGNUM Newsletter 18, 1983). Error 1.23 ULP; odd. At -0.0 -0.0, at
   * the infinities NaN.
   */
  static float sin(float x) {
    float a = Math.abs(x);
    float y = a < NEAR ? near(a, 0) : far(a, 0);
    y = fromBits(bits(y) ^ (bits(x) & SIGN));
    y = a < TINY ? x : y;
    return a < Float.POSITIVE_INFINITY ? y : Float.NaN;
  }

  /**
   * Returns the cosine of x radians, as {@link #sin} does: the sine a quarter turn on. Error 1.22
   * ULP; even.
   */
  static float cos(float x) {
    float a = Math.abs(x);
    float y = a < NEAR ? near(a, 1) : far(a, 1);
    return a < Float.POSITIVE_INFINITY ? y : Float.NaN;
  }

  /**
   * Returns the tangent of x radians.
   *
   * <p>k and r as in {@link #sin}; t = tan r in two floats by a polynomial of degree 15; the result
   * is t for even k and -1/t for odd, the quotient corrected once. Error 1.53 ULP; odd. At -0.0
   * -0.0, at the infinities NaN.
   */
  static float tan(float x) {
    float a = Math.abs(x);
    float y = a < NEAR ? tanNear(a) : tanFar(a);
    y = fromBits(bits(y) ^ (bits(x) & SIGN));
    y = a < TINY ? x : y;
    return a < Float.POSITIVE_INFINITY ? y : Float.NaN;
  }

  /**
   * Returns the arc sine of x, in radians.
   *
   * <p>Of a = |x|: up to 1/2 an odd polynomial of degree 11; above, pi/2 - 2 asin(sqrt((1 - a)/2)).
   * Error 1.17 ULP; odd, never decreases. At -0.0 -0.0, beyond 1 NaN.
   */
  static float asin(float x) {
    float a = Math.abs(x);
    boolean small = a <= 0.5f;
    float w = fma(a, -0.5f, 0.5f);
    float z = small ? a * a : w;
    float s = small ? a : sqrt(w);
    float p = asinTail(z);
    // pi/2 - 2 s in two floats, less the rest of 2 asin(s)
    float c = s + s;
    float d = HALF_PI - c;
    float lost = (HALF_PI - d) - c;
    float large = d - (fma(c * z, p, HALF_PI_EXCESS) - lost);
    return withSign(small ? fma(s * z, p, s) : large, x);
  }

  /**
   * Returns the arc cosine of x, in radians.
   *
   * <p>Up to |x| = 1/2 pi/2 - asin(x); above, 2 asin(sqrt((1 - x)/2)), and below, pi less that of
   * -x. Error 1.14 ULP. Beyond 1 NaN.
   */
  static float acos(float x) {
    float a = Math.abs(x);
    boolean small = a <= 0.5f;
    float w = fma(a, -0.5f, 0.5f);
    float z = small ? a * a : w;
    float s = small ? -x : 2.0f * sqrt(w);
    float p = s * z * asinTail(z);
    float y = s + p;
    float middle = HALF_PI + (s + (p - HALF_PI_EXCESS));
    float large = x < 0.0f ? 2.0f * HALF_PI - (y + 2.0f * HALF_PI_EXCESS) : y;
    return small ? middle : large;
  }

  /**
   * Returns the arc tangent of x, in radians.
   *
   * <p>Of t = |x|, or 1/|x| if that is less, an odd polynomial of degree 19; pi/2 less that for |x|
   * above 1. Error 1.38 ULP; odd, never decreases. At -0.0 -0.0, at inf pi/2.
   */
  static float atan(float x) {
    float a = Math.abs(x);
    boolean large = a > 1.0f;
    float t = large ? 1.0f / a : a;
    float z = t * t;
    float p = -0x1.d5a1aap-10f;
    p = fma(p, z, 0x1.6551e2p-7f);
    p = fma(p, z, -0x1.fe7d24p-6f);
    p = fma(p, z, 0x1.da9c2ep-5f);
    p = fma(p, z, -0x1.5825f2p-4f);
    p = fma(p, z, 0x1.c0946cp-4f);
    p = fma(p, z, -0x1.24211ap-3f);
    p = fma(p, z, 0x1.9991ecp-3f);
    p = fma(p, z, -0x1.55553ep-2f);
    float y = fma(t * z, p, t);
    float rest = HALF_PI - (y + HALF_PI_EXCESS);
    return withSign(large ? rest : y, x);
  }

  /**
   * Returns the hyperbolic sine of x.
   *
   * <p>Of a = |x|: below 1 an odd polynomial of degree 9; from there 2 (u - 1/(16 u)) with u = e^a
   * / 4 in two floats. Error 1.02 ULP; odd, never decreases. At -0.0 -0.0, at the infinities x.
   */
  static float sinh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = 0x1.76771ep-19f;
    p = fma(p, z, 0x1.a01c22p-13f);
    p = fma(p, z, 0x1.1110eap-7f);
    p = fma(p, z, 0x1.555556p-3f);
    float small = fma(a * z, p, a);
    float c = a > 89.5f ? 89.5f : a;
    float t = fma(c, LOG2_E, ROUND_TO_EXPONENT);
    float n = t - ROUND_TO_EXPONENT;
    float q = expm1Near0(fma(n, -LN2_TAIL, fma(n, -LN2, c)));
    float s = fromBits((bits(t) - 2) << 23);
    float u = fma(s, q, s);
    float tail = fma(s, q, s - u);
    float large = 2.0f * (u + (tail - 0.0625f / u));
    return withSign(a < 1.0f ? small : large, x);
  }

  /**
   * Returns the hyperbolic cosine of x, 2 (u + 1/(16 u)) with u = e^|x| / 4 in two floats. Error
   * 1.02 ULP; even.
   */
  static float cosh(float x) {
    float a = Math.abs(x);
    float c = a > 89.5f ? 89.5f : a;
    float t = fma(c, LOG2_E, ROUND_TO_EXPONENT);
    float n = t - ROUND_TO_EXPONENT;
    float q = expm1Near0(fma(n, -LN2_TAIL, fma(n, -LN2, c)));
    float s = fromBits((bits(t) - 2) << 23);
    float u = fma(s, q, s);
    float tail = fma(s, q, s - u);
    return 2.0f * (u + (tail + 0.0625f / u));
  }

  /**
   * Returns the inverse hyperbolic sine of x.
   *
   * <p>Of a = |x|: below 3/4 an odd polynomial of degree 15; from there log(2 w), w = a/2 +
   * sqrt((a/2)^2 + 1/4) in two floats. Error 1.47 ULP; odd, never decreases. At -0.0 -0.0, at the
   * infinities x.
   */
  static float asinh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = -0x1.86fdb4p-9f;
    p = fma(p, z, 0x1.568beap-7f);
    p = fma(p, z, -0x1.42cf8ap-6f);
    p = fma(p, z, 0x1.e7c32ep-6f);
    p = fma(p, z, -0x1.6d1416p-5f);
    p = fma(p, z, 0x1.332e36p-4f);
    p = fma(p, z, -0x1.555548p-3f);
    float y = fma(a * z, p, a);
    float h = 0.5f * a;
    float root = a < 0x1p14f ? sqrt(fma(h, h, 0.25f)) : h;
    float w = root + h;
    y = a < 0.75f ? y : logOfTwice(w, (root - w) + h);
    y = a < Float.POSITIVE_INFINITY ? y : a;
    return withSign(y, x);
  }

  /**
   * Returns the inverse hyperbolic cosine of x, which is not negative.
   *
   * <p>With t = x - 1: below 1/2 sqrt(2 t) times a polynomial of degree 5; from there log(2 w), w =
   * x/2 + sqrt((x/2)^2 - 1/4) in two floats. Error 1.50 ULP; never decreases. Below 1 NaN, at inf
   * inf.
   */
  static float acosh(float x) {
    float t = x - 1.0f;
    float p = -0x1.b18ea2p-12f;
    p = fma(p, t, 0x1.cd748ap-10f);
    p = fma(p, t, -0x1.6b971ep-8f);
    p = fma(p, t, 0x1.3324fap-6f);
    p = fma(p, t, -0x1.555536p-4f);
    float s = sqrt(t + t);
    float y = fma(s * t, p, s);
    float h = 0.5f * x;
    float root = x < 0x1p14f ? sqrt(fma(h, h, -0.25f)) : h;
    float w = h + root;
    y = t < 0.5f ? y : logOfTwice(w, (h - w) + root);
    return x < Float.POSITIVE_INFINITY ? y : x;
  }

  /**
   * Returns the inverse hyperbolic tangent of x.
   *
   * <p>Of a = |x|: below 1/2 an odd polynomial of degree 13; from there log((1 + a) / (1 - a)) / 2.
   * Error 1.35 ULP; odd, never decreases. At -0.0 -0.0, at 1 inf, beyond 1 NaN.
   */
  static float atanh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = 0x1.692dc6p-3f;
    p = fma(p, z, 0x1.a6ddeap-5f);
    p = fma(p, z, 0x1.e3fbcep-4f);
    p = fma(p, z, 0x1.234ddp-3f);
    p = fma(p, z, 0x1.99a674p-3f);
    p = fma(p, z, 0x1.55554p-2f);
    float small = fma(a * z, p, a);
    // The logarithm of twice a half, so that no quotient overflows but that of 1
    float w = (1.0f + a) / (2.0f - 2.0f * a);
    float y = a < 0.5f ? small : 0.5f * logOfTwice(w, 0.0f);
    y = w < Float.POSITIVE_INFINITY ? y : w;
    return withSign(a <= 1.0f ? y : Float.NaN, x);
  }

  /** sin(a + quarter pi/2) for a from 0 to {@link #NEAR}. */
  private static float near(float a, int quarter) {
    float t = fma(a, TWO_OVER_PI, ROUND);
    float n = t - ROUND;
    float r = fma(n, -HALF_PI, a);
    // r + n * excess, in two floats: Knuth's sum, and what the product loses
    float p = n * HALF_PI_EXCESS;
    float s = r + p;
    float b = s - r;
    float e = (r - (s - b)) + (p - b);
    e = fma(n, HALF_PI_EXCESS_TAIL, e + fma(n, HALF_PI_EXCESS, -p));
    return sinOrCos(s, e, bits(t) + quarter);
  }

  private static float tanNear(float a) {
    float t = fma(a, TWO_OVER_PI, ROUND);
    float n = t - ROUND;
    float r = fma(n, -HALF_PI, a);
    float p = n * HALF_PI_EXCESS;
    float s = r + p;
    float b = s - r;
    float e = (r - (s - b)) + (p - b);
    e = fma(n, HALF_PI_EXCESS_TAIL, e + fma(n, HALF_PI_EXCESS, -p));
    return tanOrCot(s, e, bits(t));
  }

  /** sin(a + quarter pi/2) for a from {@link #NEAR} on. */
  private static float far(float a, int quarter) {
    long turns = quarterTurns(a);
    long fraction = turns << 2 >> 2;
    float f = (float) fraction;
    float r = f * (HALF_PI * 0x1p-62f);
    float tail = tailOfFar(fraction, f, r);
    float s = r + tail;
    return sinOrCos(s, (r - s) + tail, nearestInteger(turns) + quarter);
  }

  private static float tanFar(float a) {
    long turns = quarterTurns(a);
    long fraction = turns << 2 >> 2;
    float f = (float) fraction;
    float r = f * (HALF_PI * 0x1p-62f);
    float tail = tailOfFar(fraction, f, r);
    float s = r + tail;
    return tanOrCot(s, (r - s) + tail, nearestInteger(turns));
  }

  /** a 2/pi in units of 2^-62, of which multiples of 4 are dropped, for a from 2^17 on. */
  private static long quarterTurns(float a) {
    long m = (bits(a) & 0x7fffff) | 0x800000;
    int shift = (bits(a) >> 23) - 144;
    boolean far = (shift & 64) != 0;
    int n = shift & 63;
    long w0 = far ? TWO_OVER_PI_1 : TWO_OVER_PI_0;
    long w1 = far ? TWO_OVER_PI_2 : TWO_OVER_PI_1;
    long w2 = far ? TWO_OVER_PI_3 : TWO_OVER_PI_2;
    // In two steps, since a shift by 64 shifts by none
    long high = (w0 << n) | (w1 >>> 1 >>> (63 - n));
    long low = (w1 << n) | (w2 >>> 1 >>> (63 - n));
    return m * high + ((m * (low >>> 32)) >>> 32);
  }

  private static int nearestInteger(long turns) {
    return (int) (turns >>> 62) + ((int) (turns >>> 61) & 1);
  }

  /** What r = f pi/2 2^-62 lacks, f being the fraction rounded. */
  private static float tailOfFar(long fraction, float f, float r) {
    float lost = (float) (fraction - (long) f);
    float tail = fma(f, -HALF_PI_EXCESS * 0x1p-62f, lost * (HALF_PI * 0x1p-62f));
    return fma(f, HALF_PI * 0x1p-62f, -r) + tail;
  }

  /** sin(r + tail + k pi/2). */
  private static float sinOrCos(float r, float tail, int k) {
    float z = r * r;
    float p = -0x1.992462p-13f;
    p = fma(p, z, 0x1.1106d6p-7f);
    p = fma(p, z, -0x1.555544p-3f);
    float sin = fma(r * z, p, tail) + r;
    float q = 0x1.99e334p-16f;
    q = fma(q, z, -0x1.6c0c1ep-10f);
    q = fma(q, z, 0x1.55554ap-5f);
    q = fma(q, z, -0.5f);
    float cos = fma(q, z, 1.0f);
    float y = (k & 1) != 0 ? cos : sin;
    return fromBits(bits(y) ^ ((k & 2) << 30));
  }

  /** tan(r + tail + k pi/2). */
  private static float tanOrCot(float r, float tail, int k) {
    float z = r * r;
    float p = 0x1.23894ap-8f;
    p = fma(p, z, -0x1.d60a14p-15f);
    p = fma(p, z, 0x1.66d2p-7f);
    p = fma(p, z, 0x1.5bf63cp-6f);
    p = fma(p, z, 0x1.baee0ep-5f);
    p = fma(p, z, 0x1.110d24p-3f);
    p = fma(p, z, 0x1.555562p-2f);
    float u = fma(r * z, p, tail);
    float t = r + u;
    float rest = (r - t) + u;
    float y = -1.0f / t;
    float cot = fma(y, fma(y, rest, fma(y, t, 1.0f)), y);
    return (k & 1) != 0 ? cot : t;
  }

  /** (asin(s) - s) / s^3 for z = s^2 up to 1/4. */
  private static float asinTail(float z) {
    float p = 0x1.5959aap-5f;
    p = fma(p, z, 0x1.8c415ap-6f);
    p = fma(p, z, 0x1.747b72p-5f);
    p = fma(p, z, 0x1.330206p-4f);
    return fma(p, z, 0x1.5555c8p-3f);
  }

  /** log(2 (w + tail)) for finite w from 1 on, as {@link F32#log} does. */
  private static float logOfTwice(float w, float tail) {
    int i = bits(w) - TWO_THIRDS;
    float e = fromBits((i >> 23) + ROUND_BITS) - (ROUND - 1.0f);
    // 4 * 2^-e, since 2^-e itself can be subnormal
    float s = fromBits(0x40800000 - (i & 0xff800000));
    float f = fma(0.25f * tail, s, fromBits((i & 0x7fffff) + TWO_THIRDS) - 1.0f);
    return fma(e, LN2, fma(f * f, log1pTail(f), f));
  }

  private static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
