package dev.quern.cpu;

import dev.quern.spi.Op;
import java.util.Arrays;

/** The loops of BOOL: bytes of 0 or 1. */
final class BoolLoops {
  private BoolLoops() {}

  /** Returns the loop of an operation whose operands (for WHERE the last two) have this type. */
  static Loop of(Op op) {
    return switch (op) {
      case NOT ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] ^ 1);
                }
              });
      case AND ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] & b[j + x]);
                }
              });
      case OR ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] | b[j + x]);
                }
              });
      case XOR ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] ^ b[j + x]);
                }
              });
      case EQ ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] == b[j + x] ? 1 : 0);
                }
              });
      case NE ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != b[j + x] ? 1 : 0);
                }
              });
      case LT ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] < b[j + x] ? 1 : 0);
                }
              });
      case LE ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] <= b[j + x] ? 1 : 0);
                }
              });
      case GT ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] > b[j + x] ? 1 : 0);
                }
              });
      case GE ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] >= b[j + x] ? 1 : 0);
                }
              });
      case IS_NAN, IS_INF -> unary((a, i, o, k, n) -> Arrays.fill(o, k, k + n, (byte) 0));
      case WHERE ->
          ternary(
              (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] != 0 ? b[j + x] : c[l + x];
                }
              });
      case NEG,
          ABS,
          SIGN,
          SQRT,
          EXP,
          EXPM1,
          LOG,
          LOG1P,
          TANH,
          SIGMOID,
          ERF,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          SINH,
          COSH,
          ASINH,
          ACOSH,
          ATANH,
          RELU,
          SOFTPLUS,
          FLOOR,
          CEIL,
          ROUND,
          TRUNC,
          CAST,
          ADD,
          SUB,
          MUL,
          DIV,
          POW,
          MAX,
          MIN,
          MOD,
          FMOD,
          CLAMP ->
          throw new AssertionError(op);
    };
  }

  private static Loop unary(Loop.Unary<byte[], byte[]> f) {
    return Loop.unary(f);
  }

  private static Loop binary(Loop.Binary<byte[], byte[]> f) {
    return Loop.binary(f);
  }

  private static Loop ternary(Loop.Ternary<byte[], byte[]> f) {
    return Loop.ternary(f);
  }
}
