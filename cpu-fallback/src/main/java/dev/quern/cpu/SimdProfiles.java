package dev.quern.cpu;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Shows the virtual machine vector operations of all kinds before it compiles any.
 *
 * <p>The operations share a few methods of the vector module, which call what differs through
 * interfaces. Where only additions have run, the compiler takes it that more additions will follow;
 * each time that it turns out wrong its code is thrown away, and the mistake counted at the method
 * where it happened. C2 adds those counts up over all that it inlines into a loop, the same method
 * hundreds of times, and from a hundred on (PerMethodTrapLimit) it takes no type for granted: the
 * vectors of loops compiled later become objects on the heap, and the loops five times slower.
 * Where everything was seen at the start nothing turns out wrong.
 */
final class SimdProfiles {
  private static final VectorSpecies<Float> S = F32Simd.SPECIES;
  private static final VectorSpecies<Double> F64 = S.withLanes(double.class);
  private static final VectorSpecies<Byte> BOOL =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * S.length())));

  /** Enough calls of each method to be compiled with what was seen: twice what was needed. */
  private static final int ROUNDS = 400;

  private SimdProfiles() {}

  /** Runs operations of all kinds in turns. */
  static void fill() {
    float[] floats = new float[S.length()];
    double[] doubles = new double[F64.length()];
    byte[] bytes = new byte[BOOL.length()];
    for (int round = 0; round < ROUNDS; round++) {
      calculate(floats);
      select(floats, bytes);
      calculate(doubles);
    }
  }

  private static void calculate(float[] a) {
    FloatVector x = FloatVector.fromArray(S, a, 0);
    IntVector i = x.neg().reinterpretAsInts();
    FloatVector y = x.add(1).sub(x).abs();
    i = i.lanewise(VectorOperators.ASHR, 1).and(3);
    y = y.mul(x).fma(x, y).sqrt();
    i = i.lanewise(VectorOperators.LSHL, 1).or(i).sub(i).add(i);
    y = y.div(x).max(y).fma(0.5f, 0.5f).min(x);
    i = i.lanewise(VectorOperators.XOR, i).neg().not();
    y = y.min(i.and(0).reinterpretAsFloats());
    i = i.lanewise(VectorOperators.BITWISE_BLEND, i, i).abs();
    y = y.add(FloatVector.broadcast(S, i.lane(0))).add(y.reduceLanes(VectorOperators.MAX));
    y.add(i.reduceLanes(VectorOperators.ADD)).intoArray(a, 0);
  }

  private static void select(float[] a, byte[] b) {
    FloatVector x = FloatVector.fromArray(S, a, 0);
    IntVector i = x.reinterpretAsInts();
    VectorMask<Float> less = x.compare(VectorOperators.LT, 0);
    VectorMask<Integer> greater = i.compare(VectorOperators.GT, 0);
    FloatVector y = x.blend(0, less).blend(x, x.compare(VectorOperators.EQ, x));
    i = i.blend(0, greater).blend(i, i.compare(VectorOperators.NE, i));
    ByteVector bits = ByteVector.fromArray(BOOL, b, 0);
    boolean any = less.anyTrue();
    boolean all = less.allTrue();
    if (any || all) {
      y = y.neg();
    }
    bits.and((byte) 1)
        .add(bits)
        .blend((byte) 1, bits.compare(VectorOperators.NE, 0))
        .intoArray(b, 0);
    y.add(i.reinterpretAsFloats()).intoArray(a, 0);
  }

  private static void calculate(double[] a) {
    DoubleVector x = DoubleVector.fromArray(F64, a, 0);
    DoubleVector y = DoubleVector.broadcast(F64, 2).fma(x, x);
    y.add(x).neg().intoArray(a, 0);
  }
}
