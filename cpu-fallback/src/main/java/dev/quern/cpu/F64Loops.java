package dev.quern.cpu;

import dev.quern.spi.Op;

/**
 * The loops of F64. Transcendental functions are StrictMath's, the same bits on every virtual
 * machine.
 */
final class F64Loops {
  private F64Loops() {}

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
                  o[k + x] = Math.signum(a[i + x]);
                }
              });
      case SQRT ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.sqrt(a[i + x]);
                }
              });
      case EXP ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.exp(a[i + x]);
                }
              });
      case EXPM1 ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.expm1(a[i + x]);
                }
              });
      case LOG ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.log(a[i + x]);
                }
              });
      case LOG1P ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.log1p(a[i + x]);
                }
              });
      case TANH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.tanh(a[i + x]);
                }
              });
      case SIGMOID ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.sigmoid(a[i + x]);
                }
              });
      case ERF ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.erf(a[i + x]);
                }
              });
      case SOFTPLUS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.softplus(a[i + x]);
                }
              });
      case SIN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.sin(a[i + x]);
                }
              });
      case COS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.cos(a[i + x]);
                }
              });
      case TAN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.tan(a[i + x]);
                }
              });
      case ASIN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.asin(a[i + x]);
                }
              });
      case ACOS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.acos(a[i + x]);
                }
              });
      case ATAN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.atan(a[i + x]);
                }
              });
      case SINH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.sinh(a[i + x]);
                }
              });
      case COSH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = StrictMath.cosh(a[i + x]);
                }
              });
      case ASINH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.asinh(a[i + x]);
                }
              });
      case ACOSH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.acosh(a[i + x]);
                }
              });
      case ATANH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.atanh(a[i + x]);
                }
              });
      case RELU ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = a[i + x] < 0 ? 0 : a[i + x];
                }
              });
      case FLOOR ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.floor(a[i + x]);
                }
              });
      case CEIL ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.ceil(a[i + x]);
                }
              });
      case ROUND ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = Math.rint(a[i + x]);
                }
              });
      case TRUNC ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = trunc(a[i + x]);
                }
              });
      case IS_NAN ->
          test(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (Double.isNaN(a[i + x]) ? 1 : 0);
                }
              });
      case IS_INF ->
          test(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (Double.isInfinite(a[i + x]) ? 1 : 0);
                }
              });
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
                  o[k + x] = a[i + x] / b[j + x];
                }
              });
      case POW ->
          binary(
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F64.pow(a[i + x], b[j + x]);
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
                  o[k + x] = a[i + x] % b[j + x];
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
      case NOT, AND, OR, XOR, CAST -> throw new AssertionError(op);
    };
  }

  private static Loop unary(Loop.Unary<double[], double[]> f) {
    return Loop.unary(f);
  }

  private static Loop test(Loop.Unary<double[], byte[]> f) {
    return Loop.unary(f);
  }

  private static Loop binary(Loop.Binary<double[], double[]> f) {
    return Loop.binary(f);
  }

  private static Loop compare(Loop.Binary<double[], byte[]> f) {
    return Loop.binary(f);
  }

  private static Loop ternary(Loop.Ternary<double[], double[]> f) {
    return Loop.ternary(f);
  }

  private static Loop select(Loop.Ternary<byte[], double[]> f) {
    return Loop.ternary(f);
  }

  private static double trunc(double x) {
    return (x < 0 ? Math.ceil(x) : Math.floor(x));
  }

  /** Returns the remainder with the sign of {@code b}, a zero too, as in Python. */
  private static double mod(double a, double b) {
    double r = a % b;
    if (r == 0) {
      return Math.copySign(r, b);
    }
    return (r < 0) != (b < 0) ? r + b : r;
  }
}
