package dev.quern.cpu;

import dev.quern.DType;

/**
 * The loops of CAST. Java's own conversions from floating types saturate and turn NaN into 0. Of
 * the 16-bit types there are only those that a program may hold; see {@link dev.quern.spi.Program}.
 */
final class CastLoops {
  private CastLoops() {}

  /** Returns the loop that converts from one type to another. */
  static Loop of(DType from, DType to) {
    if (from == to) {
      return (a, i, b, j, c, l, o, k, n) -> System.arraycopy(a, i, o, k, n);
    }
    return switch (from) {
      case BOOL -> fromBool(to);
      case I32 -> fromI32(to);
      case I64 -> fromI64(to);
      case F16, BF16 -> fromHalf(from, to);
      case F32 -> fromF32(to);
      case F64 -> fromF64(to);
    };
  }

  private static Loop fromBool(DType to) {
    return switch (to) {
      case F16, BF16 -> throw new AssertionError(to);
      case BOOL -> throw new AssertionError(to);
      case I32 ->
          Loop.<byte[], int[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case I64 ->
          Loop.<byte[], long[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case F32 ->
          Loop.<byte[], float[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case F64 ->
          Loop.<byte[], double[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
    };
  }

  private static Loop fromI32(DType to) {
    return switch (to) {
      case F16, BF16 -> throw new AssertionError(to);
      case BOOL ->
          Loop.<int[], byte[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != 0 ? 1 : 0);
                }
              });
      case I32 -> throw new AssertionError(to);
      case I64 ->
          Loop.<int[], long[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case F32 ->
          Loop.<int[], float[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case F64 ->
          Loop.<int[], double[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
    };
  }

  private static Loop fromI64(DType to) {
    return switch (to) {
      case F16, BF16 -> HalfLoops.fromI64(to == DType.BF16);
      case BOOL ->
          Loop.<long[], byte[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != 0 ? 1 : 0);
                }
              });
      case I32 ->
          Loop.<long[], int[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (int) a[i + x];
                }
              });
      case I64 -> throw new AssertionError(to);
      case F32 ->
          Loop.<long[], float[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
      case F64 ->
          Loop.<long[], double[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
    };
  }

  private static Loop fromHalf(DType from, DType to) {
    if (to != DType.F32) {
      throw new AssertionError(from + " to " + to);
    }
    return HalfLoops.toF32(from == DType.BF16);
  }

  private static Loop fromF32(DType to) {
    return switch (to) {
      case F16, BF16 -> HalfLoops.fromF32(to == DType.BF16);
      case BOOL ->
          Loop.<float[], byte[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != 0 ? 1 : 0);
                }
              });
      case I32 ->
          Loop.<float[], int[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (int) a[i + x];
                }
              });
      case I64 ->
          Loop.<float[], long[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (long) a[i + x];
                }
              });
      case F32 -> throw new AssertionError(to);
      case F64 ->
          Loop.<float[], double[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x];
                }
              });
    };
  }

  private static Loop fromF64(DType to) {
    return switch (to) {
      case F16, BF16 -> HalfLoops.fromF64(to == DType.BF16);
      case BOOL ->
          Loop.<double[], byte[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != 0 ? 1 : 0);
                }
              });
      case I32 ->
          Loop.<double[], int[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (int) a[i + x];
                }
              });
      case I64 ->
          Loop.<double[], long[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (long) a[i + x];
                }
              });
      case F32 ->
          Loop.<double[], float[]>unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (float) a[i + x];
                }
              });
      case F64 -> throw new AssertionError(to);
    };
  }
}
