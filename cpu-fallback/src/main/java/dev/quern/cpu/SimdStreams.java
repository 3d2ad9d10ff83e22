package dev.quern.cpu;

import dev.quern.spi.Op;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Loops of F32 on vectors for what lies in memory rather than in a cache.
 *
 * <p>They read one element of each vector a second time. A processor fetches lines of the cache
 * ahead of time as it sees them asked for, and where a vector is a line it sees each once; an AMD
 * EPYC (Zen 4) that sees each twice adds and sums up long arrays a fifth faster. In the first-level
 * cache the same costs up to a half.
 */
final class SimdStreams {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final int L = S.length();
  private static final int BLOCK = BlockProgram.BLOCK;
  private static final FloatVector INDEX = FloatVector.zero(S).addIndex(1);

  /** From so many elements on the first-level cache does not hold two operands and a result. */
  private static final int MANY = 4 * BLOCK;

  /** What was read again: without a use nothing would be read. */
  private static int readAgain;

  private SimdStreams() {}

  private static int bits(float[] a, int i) {
    return Float.floatToRawIntBits(a[i]);
  }

  /**
   * Returns a loop that does what {@code near} does, faster on many elements if there is a way:
   * shorter vectors see each line several times as it is.
   */
  static Loop orNear(Loop near, @Nullable Loop far) {
    return far == null || L * Float.BYTES < Lines.BYTES
        ? near
        : (a, i, b, j, c, l, o, k, n) -> (n > MANY ? far : near).run(a, i, b, j, c, l, o, k, n);
  }

  /** Returns the loop of an operation over whole vectors, or null if there is none. */
  static Loop.@Nullable Binary<float[], float[]> of(Op op) {
    return switch (op) {
      case ADD ->
          (a, i, b, j, o, k, n) -> {
            int again = 0;
            for (int x = 0; x < n; x += L) {
              again |= bits(a, i + x) | bits(b, j + x) | bits(o, k + x);
              FloatVector.fromArray(S, a, i + x)
                  .add(FloatVector.fromArray(S, b, j + x))
                  .intoArray(o, k + x);
            }
            readAgain = again;
          };
      case SUB ->
          (a, i, b, j, o, k, n) -> {
            int again = 0;
            for (int x = 0; x < n; x += L) {
              again |= bits(a, i + x) | bits(b, j + x) | bits(o, k + x);
              FloatVector.fromArray(S, a, i + x)
                  .sub(FloatVector.fromArray(S, b, j + x))
                  .intoArray(o, k + x);
            }
            readAgain = again;
          };
      case MUL ->
          (a, i, b, j, o, k, n) -> {
            int again = 0;
            for (int x = 0; x < n; x += L) {
              again |= bits(a, i + x) | bits(b, j + x) | bits(o, k + x);
              FloatVector.fromArray(S, a, i + x)
                  .mul(FloatVector.fromArray(S, b, j + x))
                  .intoArray(o, k + x);
            }
            readAgain = again;
          };
      default -> null;
    };
  }

  /** Returns the loop of {@code a * b + c} over whole vectors, or of RELU after it. */
  static Loop.Ternary<float[], float[]> scaleAndShift(boolean relu) {
    return relu
        ? (a, i, b, j, c, l, o, k, n) -> {
          int again = 0;
          for (int x = 0; x < n; x += L) {
            again |= bits(a, i + x) | bits(b, j + x) | bits(c, l + x);
            FloatVector v =
                FloatVector.fromArray(S, a, i + x)
                    .mul(FloatVector.fromArray(S, b, j + x))
                    .add(FloatVector.fromArray(S, c, l + x));
            v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(o, k + x);
          }
          readAgain = again;
        }
        : (a, i, b, j, c, l, o, k, n) -> {
          int again = 0;
          for (int x = 0; x < n; x += L) {
            again |= bits(a, i + x) | bits(b, j + x) | bits(c, l + x);
            FloatVector.fromArray(S, a, i + x)
                .mul(FloatVector.fromArray(S, b, j + x))
                .add(FloatVector.fromArray(S, c, l + x))
                .intoArray(o, k + x);
          }
          readAgain = again;
        };
  }

  /** Returns the loop for long runs, or null where a vector does not hold all partial sums. */
  static @Nullable LongRuns longRuns() {
    return L == Segment.LANES ? SimdStreams::longRuns : null;
  }

  private static void longRuns(float[] a, int i, int step, int blocks, float[] o) {
    // A counter's slots: of each vector the places of four sums count.
    float[] slots = new float[L * (32 - Integer.numberOfLeadingZeros(blocks))];
    int used = 0;
    int early = Lines.before(i, Float.BYTES) % L;
    for (int b = 0; b < blocks; b++) {
      int from = i + b * BLOCK;
      boolean fits = from >= early && from - early + 3 * step + BLOCK + L <= a.length;
      fourBlocks(a, from, step, fits ? early : 0, slots, used * L);
      for (int rest = b; (rest & 1) != 0; rest >>>= 1) {
        used--;
        FloatVector sum = FloatVector.fromArray(S, slots, used * L);
        sum.add(FloatVector.fromArray(S, slots, (used + 1) * L)).intoArray(slots, used * L);
      }
      used++;
    }
    for (int s = 0; s < LongRuns.RUNS; s++) {
      o[s] = slots[SimdSegments.place(s)];
    }
  }

  // Vectors are read so many elements early that none lies in two lines of the cache, which would
  // take twice as long. That turns their lanes, and changes no sum: each is of the same elements in
  // the same order, and which two are added up next depends on how far apart they lie alone.
  private static void fourBlocks(float[] a, int i, int step, int early, float[] o, int at) {
    int i0 = i - early;
    int i1 = i0 + step;
    int i2 = i1 + step;
    int i3 = i2 + step;
    VectorMask<Float> outside = INDEX.compare(VectorOperators.LT, early);
    FloatVector zero = FloatVector.zero(S);
    FloatVector s0 = zero.add(FloatVector.fromArray(S, a, i0).blend(zero, outside));
    FloatVector s1 = zero.add(FloatVector.fromArray(S, a, i1).blend(zero, outside));
    FloatVector s2 = zero.add(FloatVector.fromArray(S, a, i2).blend(zero, outside));
    FloatVector s3 = zero.add(FloatVector.fromArray(S, a, i3).blend(zero, outside));
    int again = 0;
    for (int x = L; x < BLOCK; x += L) {
      s0 = s0.add(FloatVector.fromArray(S, a, i0 + x));
      s1 = s1.add(FloatVector.fromArray(S, a, i1 + x));
      s2 = s2.add(FloatVector.fromArray(S, a, i2 + x));
      s3 = s3.add(FloatVector.fromArray(S, a, i3 + x));
      again |= bits(a, i0 + x) | bits(a, i1 + x) | bits(a, i2 + x) | bits(a, i3 + x);
    }
    readAgain = again;
    if (early > 0) {
      s0 = s0.add(zero.blend(FloatVector.fromArray(S, a, i0 + BLOCK), outside));
      s1 = s1.add(zero.blend(FloatVector.fromArray(S, a, i1 + BLOCK), outside));
      s2 = s2.add(zero.blend(FloatVector.fromArray(S, a, i2 + BLOCK), outside));
      s3 = s3.add(zero.blend(FloatVector.fromArray(S, a, i3 + BLOCK), outside));
    }
    SimdSegments.totals(s0, s1, s2, s3).intoArray(o, at);
  }

  /** The loop of {@link EightRows}. */
  static void eightRows(float[] a, int i, int step, float[] o, int n) {
    int i1 = i + step;
    int i2 = i1 + step;
    int i3 = i2 + step;
    int i4 = i3 + step;
    int i5 = i4 + step;
    int i6 = i5 + step;
    int i7 = i6 + step;
    int whole = n / L * L;
    for (int x = 0; x < whole; x += L) {
      FloatVector s0 = FloatVector.fromArray(S, a, i + x).add(FloatVector.fromArray(S, a, i1 + x));
      FloatVector s1 = FloatVector.fromArray(S, a, i2 + x).add(FloatVector.fromArray(S, a, i3 + x));
      FloatVector s2 = FloatVector.fromArray(S, a, i4 + x).add(FloatVector.fromArray(S, a, i5 + x));
      FloatVector s3 = FloatVector.fromArray(S, a, i6 + x).add(FloatVector.fromArray(S, a, i7 + x));
      s0.add(s1).add(s2.add(s3)).intoArray(o, x);
    }
    for (int x = whole; x < n; x++) {
      o[x] =
          ((a[i + x] + a[i1 + x]) + (a[i2 + x] + a[i3 + x]))
              + ((a[i4 + x] + a[i5 + x]) + (a[i6 + x] + a[i7 + x]));
    }
  }
}
