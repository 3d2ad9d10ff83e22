package dev.quern.cpu;

import dev.quern.spi.Op;
import java.util.Arrays;

/** The loops of I32. */
final class I32Loops {
  private I32Loops() {}

  /** Returns the loop of an operation whose operands (for WHERE the last two) have this type. */
  static Loop of(Op op) {
    return switch (op) {
      case NEG ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = -a[i + x];
                }
              });
      case ABS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.abs(a[i + x]);
                }
              });
      case SIGN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Integer.signum(a[i + x]);
                }
              });
      case RELU ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.max(a[i + x], 0);
                }
              });
      case FLOOR, CEIL, ROUND, TRUNC -> unary((a, i, o, k, n) -> System.arraycopy(a, i, o, k, n));
      case IS_NAN, IS_INF -> test((a, i, o, k, n) -> Arrays.fill(o, k, k + n, (byte) 0));
      case ADD ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] + b[j + x];
                }
              });
      case SUB ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] - b[j + x];
                }
              });
      case MUL ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] * b[j + x];
                }
              });
      case DIV ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = div(a[i + x], b[j + x]);
                }
              });
      case POW ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = pow(a[i + x], b[j + x]);
                }
              });
      case MAX ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.max(a[i + x], b[j + x]);
                }
              });
      case MIN ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.min(a[i + x], b[j + x]);
                }
              });
      case MOD ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = mod(a[i + x], b[j + x]);
                }
              });
      case FMOD ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = fmod(a[i + x], b[j + x]);
                }
              });
      case EQ ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] == b[j + x] ? 1 : 0);
                }
              });
      case NE ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] != b[j + x] ? 1 : 0);
                }
              });
      case LT ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] < b[j + x] ? 1 : 0);
                }
              });
      case LE ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] <= b[j + x] ? 1 : 0);
                }
              });
      case GT ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] > b[j + x] ? 1 : 0);
                }
              });
      case GE ->
          compare(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (a[i + x] >= b[j + x] ? 1 : 0);
                }
              });
      case WHERE ->
          select(
              (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] != 0 ? b[j + x] : c[l + x];
                }
              });
      case CLAMP ->
          ternary(
              (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.min(Math.max(a[i + x], b[j + x]), c[l + x]);
                }
              });
      case SQRT, EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, ERF, SOFTPLUS ->
          throw new AssertionError(op);
      case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH ->
          throw new AssertionError(op);
      case NOT, AND, OR, XOR, CAST -> throw new AssertionError(op);
    };
  }

  private static Loop unary(Loop.Unary<int[], int[]> f) {
    return Loop.unary(f);
  }

  private static Loop test(Loop.Unary<int[], byte[]> f) {
    return Loop.unary(f);
  }

  private static Loop binary(Loop.Binary<int[], int[]> f) {
    return Loop.binary(f);
  }

  private static Loop compare(Loop.Binary<int[], byte[]> f) {
    return Loop.binary(f);
  }

  private static Loop ternary(Loop.Ternary<int[], int[]> f) {
    return Loop.ternary(f);
  }

  private static Loop select(Loop.Ternary<byte[], int[]> f) {
    return Loop.ternary(f);
  }

  private static int div(int a, int b) {
    return b == 0 ? 0 : a / b;
  }

  private static int fmod(int a, int b) {
    return b == 0 ? 0 : a % b;
  }

  private static int mod(int a, int b) {
    return b == 0 ? 0 : Math.floorMod(a, b);
  }

  private static int pow(int a, int b) {
    if (b < 0) {
      // The reciprocal truncates to 0 unless the base is 1 or -1; that of 0 is 0 by definition.
      return a == 1 ? 1 : a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0;
    }
    int product = 1;
    for (int base = a, rest = b; rest != 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        product *= base;
      }
      base *= base;
    }
    return product;
  }
}
