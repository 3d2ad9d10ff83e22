package dev.quern.cpu;

import dev.quern.spi.Op;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The loops of F32 on vectors. The rest of a block that fills no vector is left to the plain loop.
 */
final class SimdF32Loops {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  // As many bytes as S has lanes.
  private static final VectorSpecies<Byte> BOOL =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * L)));

  private static final VectorSpecies<Integer> INT = S.withLanes(int.class);
  private static final float ONE_BIT = Float.intBitsToFloat(1);

  private SimdF32Loops() {}

  /** Returns the loop of an operation on F32 operands (for WHERE, the last two). */
  static Loop of(Op op) {
    return switch (op) {
      case NEG ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x).neg().intoArray(o, k + x);
                }
              });
      case ABS ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x).abs().intoArray(o, k + x);
                }
              });
      case SQRT ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x).sqrt().intoArray(o, k + x);
                }
              });
      case EXP ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.exp(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case EXPM1 ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.expm1(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case LOG ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.log(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case LOG1P ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.log1p(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case TANH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.tanh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case SIGMOID ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.sigmoid(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ERF ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.erf(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case SOFTPLUS ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.softplus(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case SIN ->
          circular(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.sin(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case COS ->
          circular(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.cos(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case TAN ->
          circular(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.tan(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ASIN ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.asin(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ACOS ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.acos(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ATAN ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.atan(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case SINH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.sinh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case COSH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.cosh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ASINH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.asinh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ACOSH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.acosh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case ATANH ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32TrigSimd.atanh(FloatVector.fromArray(S, a, i + x)).intoArray(o, k + x);
                }
              });
      case RELU ->
          unary(
              op,
              (a, i, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector v = FloatVector.fromArray(S, a, i + x);
                  v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
                }
              });
      case ADD ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .add(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case SUB ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .sub(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case MUL ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .mul(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case DIV ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .div(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case MAX ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .max(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case MIN ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .min(FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case POW ->
          binary(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  F32Simd.pow(
                          FloatVector.fromArray(S, a, i + x), FloatVector.fromArray(S, b, j + x))
                      .intoArray(o, k + x);
                }
              });
      case EQ ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.EQ, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case NE ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.NE, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case LT ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.LT, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case LE ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.LE, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case GT ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.GT, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case GE ->
          compare(
              op,
              (a, i, b, j, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  write(
                      FloatVector.fromArray(S, a, i + x)
                          .compare(VectorOperators.GE, FloatVector.fromArray(S, b, j + x)),
                      o,
                      k + x);
                }
              });
      case WHERE ->
          select(
              op,
              (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector v = FloatVector.fromArray(S, b, j + x);
                  choose(a, i + x, v, FloatVector.fromArray(S, c, l + x)).intoArray(o, k + x);
                }
              });
      case CLAMP ->
          ternary(
              op,
              (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .max(FloatVector.fromArray(S, b, j + x))
                      .min(FloatVector.fromArray(S, c, l + x))
                      .intoArray(o, k + x);
                }
              });
      case SIGN, FLOOR, CEIL, ROUND, TRUNC, IS_NAN, IS_INF, MOD, FMOD, CAST, NOT, AND, OR, XOR ->
          F32Loops.of(op);
    };
  }

  private static Loop unary(Op op, Loop.Unary<float[], float[]> f) {
    return withRest(op, Loop.unary(f));
  }

  /** A loop for arguments that are all below {@link F32Trig#NEAR}; others take the plain one. */
  private static Loop circular(Op op, Loop.Unary<float[], float[]> f) {
    Loop vectors = unary(op, f);
    Loop plain = F32Loops.of(op);
    return (a, i, b, j, c, l, o, k, n) ->
        (isNear((float[]) a, i, n) ? vectors : plain).run(a, i, b, j, c, l, o, k, n);
  }

  private static boolean isNear(float[] a, int i, int n) {
    FloatVector greatest = FloatVector.zero(S);
    int x = 0;
    for (; x <= n - L; x += L) {
      greatest = greatest.max(FloatVector.fromArray(S, a, i + x).abs());
    }
    // A NaN too makes this false
    boolean near = greatest.compare(VectorOperators.LT, F32Trig.NEAR).allTrue();
    for (; x < n; x++) {
      near &= Math.abs(a[i + x]) < F32Trig.NEAR;
    }
    return near;
  }

  private static Loop binary(Op op, Loop.Binary<float[], float[]> f) {
    Loop.@Nullable Binary<float[], float[]> far = SimdStreams.of(op);
    return SimdStreams.orNear(
        withRest(op, Loop.binary(f)), far == null ? null : withRest(op, Loop.binary(far)));
  }

  private static Loop ternary(Op op, Loop.Ternary<float[], float[]> f) {
    return withRest(op, Loop.ternary(f));
  }

  // There are no vectors of 32 bits, which four lanes of BOOL would take.
  private static Loop compare(Op op, Loop.Binary<float[], byte[]> f) {
    return L == BOOL.length() ? withRest(op, Loop.binary(f)) : F32Loops.of(op);
  }

  private static Loop select(Op op, Loop.Ternary<byte[], float[]> f) {
    return L == BOOL.length() ? withRest(op, Loop.ternary(f)) : F32Loops.of(op);
  }

  private static Loop withRest(Op op, Loop vectors) {
    Loop plain = F32Loops.of(op);
    return (a, i, b, j, c, l, o, k, n) -> {
      int whole = n & -L;
      if (whole > 0) {
        vectors.run(a, i, b, j, c, l, o, k, whole);
      }
      if (whole < n) {
        plain.run(a, i + whole, b, j + whole, c, l + whole, o, k + whole, n - whole);
      }
    };
  }

  // Through ints of 0 and 1: JDK 17 has no instruction for masks of another lane size.
  private static void write(VectorMask<Float> mask, byte[] o, int k) {
    IntVector bits = FloatVector.zero(S).blend(ONE_BIT, mask).reinterpretAsInts();
    ((ByteVector) bits.convertShape(VectorOperators.I2B, BOOL, 0)).intoArray(o, k);
  }

  private static FloatVector choose(byte[] a, int i, FloatVector b, FloatVector c) {
    Vector<Integer> bits =
        ByteVector.fromArray(BOOL, a, i).convertShape(VectorOperators.B2I, INT, 0);
    IntVector mask = ((IntVector) bits).neg();
    IntVector other = c.reinterpretAsInts();
    return other
        .lanewise(VectorOperators.BITWISE_BLEND, b.reinterpretAsInts(), mask)
        .reinterpretAsFloats();
  }
}
