package dev.quern.cpu;

import dev.quern.Halves;
import dev.quern.spi.Op;

/** The loops of the 16-bit floating types, kept as their bits: they are only moved and cast. */
final class HalfLoops {
  private HalfLoops() {}

  /** Returns the loop of an operation that moves elements. */
  static Loop of(Op op) {
    if (op != Op.WHERE) {
      throw new AssertionError(op);
    }
    return Loop.<byte[], short[]>ternary(
        (a, i, b, j, c, l, o, k, n) -> {
          for (int x = 0; x < n; x++) {
            o[k + x] = a[i + x] != 0 ? b[j + x] : c[l + x];
          }
        });
  }

  /** Returns the loop that converts F32 to a 16-bit type. */
  static Loop fromF32(boolean bf16) {
    return bf16
        ? Loop.<float[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toBf16(a[i + x]);
              }
            })
        : Loop.<float[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toF16(a[i + x]);
              }
            });
  }

  /** Returns the loop that converts F64 to a 16-bit type. */
  static Loop fromF64(boolean bf16) {
    return bf16
        ? Loop.<double[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toBf16(a[i + x]);
              }
            })
        : Loop.<double[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toF16(a[i + x]);
              }
            });
  }

  /** Returns the loop that converts I64 to a 16-bit type. */
  static Loop fromI64(boolean bf16) {
    return bf16
        ? Loop.<long[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toBf16(a[i + x]);
              }
            })
        : Loop.<long[], short[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.toF16(a[i + x]);
              }
            });
  }

  /** Returns the loop that converts a 16-bit type to F32. */
  static Loop toF32(boolean bf16) {
    return bf16
        ? Loop.<short[], float[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.fromBf16(a[i + x]);
              }
            })
        : Loop.<short[], float[]>unary(
            (a, i, o, k, n) -> {
              for (int x = 0; x < n; x++) {
                o[k + x] = Halves.fromF16(a[i + x]);
              }
            });
  }
}
