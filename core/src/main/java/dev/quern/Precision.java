package dev.quern;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a matrix product of F32 operands may round them before it multiplies. It is a permission,
 * not a command: a device that gains nothing by it (the CPU, OpenCL) computes in F32. Products are
 * added up in F32 in any case. F64, integer and 16-bit operands are never rounded.
 *
 * <p>An element of the product of F32 operands errs by at most {@code (u (2 + u) + K * 2^-24) * sum
 * |a||b|}, with u = 0 for F32, 2^-11 for TF32 and 2^-8 for BF16.
 *
 * <p>{@link Tensor#matmul(Tensor, Precision)} says it for one product, {@link #with(Precision,
 * Supplier)} for all that a thread records meanwhile. The products of a gradient are computed as
 * the product that they belong to.
 *
 * <pre>{@code
 * Tensor scores = Precision.with(Precision.TF32, () -> model.forward(x));
 * }</pre>
 */
public enum Precision {
  /** No rounding: true F32, the default. */
  F32,
  /** Operands may be rounded to 10 bits after the point, with the range of F32. */
  TF32,
  /** Operands may be rounded to {@link DType#BF16}: 7 bits after the point. */
  BF16;

  private static final ThreadLocal<Precision> CURRENT = ThreadLocal.withInitial(() -> F32);

  /** Returns a precision that keeps all values of a 16-bit type. */
  static Precision exactFor(DType half) {
    // TF32 has as many bits after the point as F16, and more range.
    return half == DType.F16 ? TF32 : BF16;
  }

  /** Returns what products recorded by this thread may do if they do not say. */
  public static Precision current() {
    return CURRENT.get();
  }

  /** Runs code whose products may round so far, unless they say otherwise, on this thread. */
  public static <T extends @Nullable Object> T with(Precision precision, Supplier<T> body) {
    Precision before = CURRENT.get();
    CURRENT.set(java.util.Objects.requireNonNull(precision, "precision"));
    try {
      return body.get();
    } finally {
      CURRENT.set(before);
    }
  }

  /** Runs code whose products may round so far, unless they say otherwise, on this thread. */
  public static void with(Precision precision, Runnable body) {
    with(
        precision,
        () -> {
          body.run();
          return null;
        });
  }
}
