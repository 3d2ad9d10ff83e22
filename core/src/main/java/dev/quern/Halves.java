package dev.quern;

/**
 * Conversions to and from the bits of the 16-bit floating types, {@link DType#F16} and {@link
 * DType#BF16}. Rounding is to the nearest, ties to even, once, whatever the source; what is too
 * large becomes infinite; every NaN becomes the positive quiet one without payload: 0x7e00 in F16,
 * 0x7fc0 in BF16, 0x7fc00000 in F32. Every backend gives the same bits.
 *
 * <p>Source: IEEE 754-2019, binary16; BF16 is the upper half of binary32.
 */
public final class Halves {
  // Line by line the twin of kernels/common/half.h.
  private static final int F32_INFINITY = 0x7f800000;

  private Halves() {}

  /** Returns the F16 nearest to a float. */
  public static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int x = bits & 0x7fffffff;
    // Below 2^-14 the last place of the sum is 2^-24, the distance of the subnormal numbers.
    int small = Float.floatToRawIntBits(Float.intBitsToFloat(x) + 0.5f) - 0x3f000000;
    int large = (x - 0x38000000 + 0xfff + (x >>> 13 & 1)) >>> 13;
    int finite = x < 0x38800000 ? small : large;
    int number = sign | (x < 0x47800000 ? finite : 0x7c00);
    return (short) (x > F32_INFINITY ? 0x7e00 : number);
  }

  /** Returns the F16 nearest to a double. */
  public static short toF16(double value) {
    return toF16(odd(value));
  }

  /** Returns the F16 nearest to an integer. */
  public static short toF16(long value) {
    return toF16(odd(value));
  }

  /** Returns the value of an F16, exactly. */
  public static float fromF16(short half) {
    int sign = (half & 0x8000) << 16;
    int x = half & 0x7fff;
    int small = Float.floatToRawIntBits(x * 0x1p-24f);
    int large = x < 0x7c00 ? (x << 13) + 0x38000000 : F32_INFINITY;
    int number = sign | (x < 0x400 ? small : large);
    return Float.intBitsToFloat(x > 0x7c00 ? 0x7fc00000 : number);
  }

  /** Returns the BF16 nearest to a float. */
  public static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int number = (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
    return (short) ((bits & 0x7fffffff) > F32_INFINITY ? 0x7fc0 : number);
  }

  /** Returns the BF16 nearest to a double. */
  public static short toBf16(double value) {
    return toBf16(odd(value));
  }

  /** Returns the BF16 nearest to an integer. */
  public static short toBf16(long value) {
    return toBf16(odd(value));
  }

  /** Returns the value of a BF16, exactly. */
  public static float fromBf16(short half) {
    int x = half & 0x7fff;
    return Float.intBitsToFloat(x > 0x7f80 ? 0x7fc00000 : half << 16);
  }

  /**
   * Rounds so that a second rounding, to fewer bits, is right: what is not exact is cut off and its
   * last bit set. Source: Boldo, Melquiond, "Emulation of FMA and correctly rounded sums: proved
   * algorithms using rounding to odd" (2008).
   */
  private static float odd(double value) {
    float near = (float) value;
    int bits = Float.floatToRawIntBits(near);
    int cut = Math.abs(near) > Math.abs(value) ? bits - 1 : bits;
    return near == value || Double.isNaN(value) ? near : Float.intBitsToFloat(cut | 1);
  }

  // What is shifted out of an integer of more than 24 bits leaves at least 12 above the last.
  private static float odd(long value) {
    long m = value < 0 ? -value : value;
    int s = m >>> 52 != 0 ? 40 : m >>> 40 != 0 ? 28 : m >>> 28 != 0 ? 16 : m >>> 24 != 0 ? 4 : 0;
    long rest = m & ((1L << s) - 1);
    float cut = (float) (m >>> s | (rest != 0 ? 1 : 0)) * (float) (1L << s);
    return value < 0 ? -cut : cut;
  }
}
