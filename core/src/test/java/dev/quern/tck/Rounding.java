package dev.quern.tck;

import dev.quern.DType;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** What each floating type can hold, worked out in double and independent of any conversion. */
final class Rounding {
  private Rounding() {}

  /** Returns how many binary digits a type has. */
  static int precision(DType dtype) {
    return switch (dtype) {
      case F16 -> 11;
      case BF16 -> 8;
      case F32 -> 24;
      default -> 53;
    };
  }

  /** Returns the exponent of the least normal number. */
  static int minExponent(DType dtype) {
    return switch (dtype) {
      case F16 -> -14;
      case BF16, F32 -> -126;
      default -> -1022;
    };
  }

  /** Returns the exponent of the greatest number. */
  static int maxExponent(DType dtype) {
    return switch (dtype) {
      case F16 -> 15;
      case BF16, F32 -> 127;
      default -> 1023;
    };
  }

  static double max(DType dtype) {
    return Math.scalb(2 - Math.scalb(1.0, 1 - precision(dtype)), maxExponent(dtype));
  }

  static double minNormal(DType dtype) {
    return Math.scalb(1.0, minExponent(dtype));
  }

  static double minValue(DType dtype) {
    return Math.scalb(1.0, minExponent(dtype) + 1 - precision(dtype));
  }

  /** Returns the distance between neighbours of the type around a finite value. */
  static double ulp(double value, DType dtype) {
    int exponent = Math.max(Math.getExponent(value), minExponent(dtype));
    return Math.scalb(1.0, Math.min(exponent, maxExponent(dtype)) + 1 - precision(dtype));
  }

  /** Returns a value rounded to the nearest of a type, ties to even. */
  static double round(DType dtype, double value) {
    if (dtype == DType.F64 || value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
      return value;
    }
    double step = ulp(value, dtype);
    // The quotient, a scaling by a power of two, is exact, and so is the product.
    double rounded = Math.copySign(Math.rint(Math.abs(value) / step) * step, value);
    return Math.abs(rounded) > max(dtype)
        ? Math.copySign(Double.POSITIVE_INFINITY, value)
        : rounded;
  }

  /** Returns an integer rounded to the nearest of a type, ties to even. */
  static double round(DType dtype, long value) {
    int digits = 64 - Long.numberOfLeadingZeros(Math.abs(value));
    int excess = Math.max(0, digits - precision(dtype));
    BigDecimal step = BigDecimal.valueOf(2).pow(excess);
    BigDecimal rounded =
        BigDecimal.valueOf(value).divide(step, 0, RoundingMode.HALF_EVEN).multiply(step);
    return round(dtype, rounded.doubleValue());
  }

  /** Returns the value that 16 bits stand for. */
  static double decode(DType dtype, short bits) {
    int stored = precision(dtype) - 1;
    int fraction = bits & ((1 << stored) - 1);
    int field = (bits & 0x7fff) >> stored;
    double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
    if (field == 0x7fff >> stored) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    int exponent = field == 0 ? minExponent(dtype) : field + minExponent(dtype) - 1;
    double leading = field == 0 ? 0 : 1;
    return sign * Math.scalb(leading + Math.scalb((double) fraction, -stored), exponent);
  }

  /** Returns the 16 bits of a value that a type can hold; the quiet NaN without payload. */
  static short encode(DType dtype, double value) {
    int stored = precision(dtype) - 1;
    int infinity = 0x7fff >> stored << stored;
    int sign = Double.doubleToRawLongBits(value) < 0 ? 0x8000 : 0;
    double magnitude = Math.abs(value);
    if (Double.isNaN(value)) {
      return (short) (infinity | 1 << (stored - 1));
    } else if (Double.isInfinite(value)) {
      return (short) (sign | infinity);
    } else if (magnitude < minNormal(dtype)) {
      return (short) (sign | (int) (magnitude / minValue(dtype)));
    }
    int exponent = Math.getExponent(magnitude);
    int fraction = (int) Math.scalb(magnitude - Math.scalb(1.0, exponent), stored - exponent);
    return (short) (sign | (exponent - minExponent(dtype) + 1) << stored | fraction);
  }
}
