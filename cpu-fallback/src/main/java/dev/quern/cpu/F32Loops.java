package dev.quern.cpu;

import dev.quern.spi.Op;

/** The loops of F32. */
final class F32Loops {
  private F32Loops() {}

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
                  o[k + x] = (float) Math.sqrt(a[i + x]);
                }
              });
      case EXP ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.exp(a[i + x]);
                }
              });
      case EXPM1 ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.expm1(a[i + x]);
                }
              });
      case LOG ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.log(a[i + x]);
                }
              });
      case LOG1P ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.log1p(a[i + x]);
                }
              });
      case TANH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.tanh(a[i + x]);
                }
              });
      case SIGMOID ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.sigmoid(a[i + x]);
                }
              });
      case ERF ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.erf(a[i + x]);
                }
              });
      case SOFTPLUS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32.softplus(a[i + x]);
                }
              });
      case SIN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.sin(a[i + x]);
                }
              });
      case COS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.cos(a[i + x]);
                }
              });
      case TAN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.tan(a[i + x]);
                }
              });
      case ASIN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.asin(a[i + x]);
                }
              });
      case ACOS ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.acos(a[i + x]);
                }
              });
      case ATAN ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.atan(a[i + x]);
                }
              });
      case SINH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.sinh(a[i + x]);
                }
              });
      case COSH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.cosh(a[i + x]);
                }
              });
      case ASINH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.asinh(a[i + x]);
                }
              });
      case ACOSH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.acosh(a[i + x]);
                }
              });
      case ATANH ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = F32Trig.atanh(a[i + x]);
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
                  o[k + x] = (float) Math.floor(a[i + x]);
                }
              });
      case CEIL ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (float) Math.ceil(a[i + x]);
                }
              });
      case ROUND ->
          unary(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (float) Math.rint(a[i + x]);
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
                  o[k + x] = (byte) (Float.isNaN(a[i + x]) ? 1 : 0);
                }
              });
      case IS_INF ->
          test(
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x++) {
                  o[k + x] = (byte) (Float.isInfinite(a[i + x]) ? 1 : 0);
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
                  o[k + x] = F32.pow(a[i + x], b[j + x]);
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

  private static Loop unary(Loop.Unary<float[], float[]> f) {
    return Loop.unary(f);
  }

  private static Loop test(Loop.Unary<float[], byte[]> f) {
    return Loop.unary(f);
  }

  private static Loop binary(Loop.Binary<float[], float[]> f) {
    return Loop.binary(f);
  }

  private static Loop compare(Loop.Binary<float[], byte[]> f) {
    return Loop.binary(f);
  }

  private static Loop ternary(Loop.Ternary<float[], float[]> f) {
    return Loop.ternary(f);
  }

  private static Loop select(Loop.Ternary<byte[], float[]> f) {
    return Loop.ternary(f);
  }

  private static float trunc(float x) {
    return (float) (x < 0 ? Math.ceil(x) : Math.floor(x));
  }

  /** Returns the remainder with the sign of {@code b}, a zero too, as in Python. */
  private static float mod(float a, float b) {
    float r = a % b;
    if (r == 0) {
      return Math.copySign(r, b);
    }
    return (r < 0) != (b < 0) ? r + b : r;
  }
}
