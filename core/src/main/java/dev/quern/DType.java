package dev.quern;

/**
 * The element type of a {@link Tensor}.
 *
 * <p>Mixed operands promote as in PyTorch: {@code BOOL < I32 < I64 < F32 < F64}; a floating type
 * wins over every integer type. A Java scalar never promotes.
 */
public enum DType {
  /** Truth values; one byte each, 0 or 1. */
  BOOL(1),
  /** 32-bit two's complement integers; arithmetic wraps. */
  I32(4),
  /** 64-bit two's complement integers; arithmetic wraps. */
  I64(8),
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
    return this == F32 || this == F64;
  }

  /** Returns whether this is an integer type; {@link #BOOL} is not. */
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /** Returns the type in which an operation on {@code a} and {@code b} is computed. */
  public static DType promote(DType a, DType b) {
    // The declaration order is the promotion order.
    return a.compareTo(b) >= 0 ? a : b;
  }
}
