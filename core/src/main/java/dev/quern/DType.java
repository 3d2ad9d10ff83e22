package dev.quern;

/**
 * The element type of a {@link Tensor}.
 *
 * <p>Mixed operands promote as in PyTorch: {@code BOOL < I32 < I64 < F16, BF16 < F32 < F64}; a
 * floating type wins over every integer type, and F16 with BF16 gives F32. A Java scalar never
 * promotes.
 *
 * <p>{@link #F16} and {@link #BF16} are for storage: an operation on them computes in F32 and
 * rounds its result once, while what only moves elements keeps their bits.
 */
public enum DType {
  /** Truth values; one byte each, 0 or 1. */
  BOOL(1),
  /** 32-bit two's complement integers; arithmetic wraps. */
  I32(4),
  /** 64-bit two's complement integers; arithmetic wraps. */
  I64(8),
  /** IEEE 754 binary16: 11 bits of precision, up to 65504. */
  F16(2),
  /** The upper half of an {@link #F32}: 8 bits of precision with its range. */
  BF16(2),
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64. */
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns whether this is a floating-point type. */
  public boolean isFloat() {
    return compareTo(F16) >= 0;
  }

  /** Returns whether this is a floating-point type of 16 bits: {@link #F16} or {@link #BF16}. */
  public boolean isHalf() {
    return this == F16 || this == BF16;
  }

  /** Returns whether this is an integer type; {@link #BOOL} is not. */
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /**
   * Returns the type in which operations on this one compute: F32 for the 16-bit types, else this.
   */
  public DType computeType() {
    return isHalf() ? F32 : this;
  }

  /** Returns the type in which an operation on {@code a} and {@code b} is computed. */
  public static DType promote(DType a, DType b) {
    if (a.isHalf() && b.isHalf() && a != b) {
      return F32;
    }
    // The declaration order is the promotion order.
    return a.compareTo(b) >= 0 ? a : b;
  }
}
