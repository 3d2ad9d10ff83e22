package dev.quern.cpu;

import dev.quern.spi.Op;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Two operations of F32, or with a RELU three, in one loop on vectors: what the first computes is
 * the second's operand and stays in a register. Each rounds as it does alone.
 */
final class SimdPairs {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();

  private SimdPairs() {}

  /**
   * Returns the loop of {@code second(first(a, b), c)}, or of {@code second(c, first(a, b))} if
   * {@code turned}, and of RELU after them if {@code relu}; null if there is none.
   */
  static @Nullable Loop of(Op first, Op second, boolean turned, boolean relu) {
    Loop.@Nullable Ternary<float[], float[]> vectors =
        relu ? withRelu(first, second) : alone(first, second, turned);
    if (vectors == null) {
      return null;
    }
    Loop near = withRest(first, second, turned, relu, vectors);
    boolean hasFar = first == Op.MUL && second == Op.ADD;
    return SimdStreams.orNear(
        near,
        hasFar ? withRest(first, second, turned, relu, SimdStreams.scaleAndShift(relu)) : null);
  }

  private static Loop.@Nullable Ternary<float[], float[]> alone(
      Op first, Op second, boolean turned) {
    return switch (first) {
      case ADD -> afterAdd(second, turned);
      case SUB -> afterSub(second, turned);
      case MUL -> afterMul(second, turned);
      default -> null;
    };
  }

  // Scale and shift: which operand of the addition is which does not matter.
  private static Loop.@Nullable Ternary<float[], float[]> withRelu(Op first, Op second) {
    return first != Op.MUL || second != Op.ADD
        ? null
        : (a, i, b, j, c, l, o, k, n) -> {
          for (int x = 0; x < n; x += L) {
            FloatVector v =
                FloatVector.fromArray(S, a, i + x)
                    .mul(FloatVector.fromArray(S, b, j + x))
                    .add(FloatVector.fromArray(S, c, l + x));
            v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
          }
        };
  }

  private static Loop.@Nullable Ternary<float[], float[]> afterAdd(Op second, boolean turned) {
    return switch (second) {
      case ADD ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .add(FloatVector.fromArray(S, b, j + x))
                  .add(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case MUL ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .add(FloatVector.fromArray(S, b, j + x))
                  .mul(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case SUB ->
          turned
              ? (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, c, l + x)
                      .sub(
                          FloatVector.fromArray(S, a, i + x)
                              .add(FloatVector.fromArray(S, b, j + x)))
                      .intoArray(o, k + x);
                }
              }
              : (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .add(FloatVector.fromArray(S, b, j + x))
                      .sub(FloatVector.fromArray(S, c, l + x))
                      .intoArray(o, k + x);
                }
              };
      case RELU ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector v =
                  FloatVector.fromArray(S, a, i + x).add(FloatVector.fromArray(S, b, j + x));
              v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
            }
          };
      default -> null;
    };
  }

  private static Loop.@Nullable Ternary<float[], float[]> afterSub(Op second, boolean turned) {
    return switch (second) {
      case ADD ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .sub(FloatVector.fromArray(S, b, j + x))
                  .add(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case MUL ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .sub(FloatVector.fromArray(S, b, j + x))
                  .mul(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case SUB ->
          turned
              ? (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, c, l + x)
                      .sub(
                          FloatVector.fromArray(S, a, i + x)
                              .sub(FloatVector.fromArray(S, b, j + x)))
                      .intoArray(o, k + x);
                }
              }
              : (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .sub(FloatVector.fromArray(S, b, j + x))
                      .sub(FloatVector.fromArray(S, c, l + x))
                      .intoArray(o, k + x);
                }
              };
      case RELU ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector v =
                  FloatVector.fromArray(S, a, i + x).sub(FloatVector.fromArray(S, b, j + x));
              v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
            }
          };
      default -> null;
    };
  }

  private static Loop.@Nullable Ternary<float[], float[]> afterMul(Op second, boolean turned) {
    return switch (second) {
      case ADD ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .mul(FloatVector.fromArray(S, b, j + x))
                  .add(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case MUL ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector.fromArray(S, a, i + x)
                  .mul(FloatVector.fromArray(S, b, j + x))
                  .mul(FloatVector.fromArray(S, c, l + x))
                  .intoArray(o, k + x);
            }
          };
      case SUB ->
          turned
              ? (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, c, l + x)
                      .sub(
                          FloatVector.fromArray(S, a, i + x)
                              .mul(FloatVector.fromArray(S, b, j + x)))
                      .intoArray(o, k + x);
                }
              }
              : (a, i, b, j, c, l, o, k, n) -> {
                for (int x = 0; x < n; x += L) {
                  FloatVector.fromArray(S, a, i + x)
                      .mul(FloatVector.fromArray(S, b, j + x))
                      .sub(FloatVector.fromArray(S, c, l + x))
                      .intoArray(o, k + x);
                }
              };
      case RELU ->
          (a, i, b, j, c, l, o, k, n) -> {
            for (int x = 0; x < n; x += L) {
              FloatVector v =
                  FloatVector.fromArray(S, a, i + x).mul(FloatVector.fromArray(S, b, j + x));
              v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
            }
          };
      default -> null;
    };
  }

  private static Loop withRest(
      Op first, Op second, boolean turned, boolean relu, Loop.Ternary<float[], float[]> vectors) {
    return Loop.<float[], float[]>ternary(
        (a, i, b, j, c, l, o, k, n) -> {
          int whole = n & -L;
          vectors.run(a, i, b, j, c, l, o, k, whole);
          for (int x = whole; x < n; x++) {
            float value = apply(first, a[i + x], b[j + x]);
            float other = c[l + x];
            value = turned ? apply(second, other, value) : apply(second, value, other);
            o[k + x] = relu ? apply(Op.RELU, value, 0) : value;
          }
        });
  }

  private static float apply(Op op, float a, float b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case RELU -> a < 0 ? 0 : a;
      default -> throw new AssertionError(op);
    };
  }
}
