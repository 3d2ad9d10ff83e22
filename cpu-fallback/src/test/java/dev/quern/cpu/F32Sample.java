package dev.quern.cpu;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A fixed sample of the floats: one bit pattern in {@value #STRIDE}, and all patterns near the
 * points that matter.
 */
final class F32Sample {
  /** A prime, so that all low bits occur; the sample then has over 2^22 members. */
  private static final int STRIDE = 1021;

  private static final int BLOCK = 4096;
  private static final int NEAR = 32;

  private F32Sample() {}

  /** Passes the sample on in arrays of one length, which is a multiple of every vector length. */
  static void forEachBlock(Consumer<float[]> action) {
    long pattern = 0;
    while (pattern < 1L << 32) {
      float[] block = new float[BLOCK];
      for (int i = 0; i < BLOCK; i++, pattern += STRIDE) {
        block[i] = Float.intBitsToFloat((int) pattern);
      }
      action.accept(block);
    }
    float[] near = nearBreaks();
    for (int from = 0; from < near.length; from += BLOCK) {
      action.accept(Arrays.copyOfRange(near, from, from + BLOCK));
    }
  }

  /**
   * The neighbours of special values and of the points where a routine changes its formula, both
   * signs.
   */
  private static float[] nearBreaks() {
    DoubleStream fixed =
        DoubleStream.of(
            0,
            0x1p-149,
            0x1p-126,
            0x1p-75,
            0x1p-24,
            0x1p-12,
            1.0 / 3,
            0.5,
            0.6,
            0.75,
            0.921875,
            1,
            1.5,
            3,
            4,
            10,
            16.635532,
            17.328680,
            17.5,
            88.722839,
            89,
            89.415986,
            89.5,
            103.972084,
            104,
            0x1p14,
            0x1p17,
            0x1p22,
            0x1p23,
            0x1p24,
            0x1p31,
            Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NaN);
    DoubleStream exponents = IntStream.range(0, 320).mapToDouble(k -> k * Math.log(2) / 2);
    DoubleStream binades = IntStream.range(-149, 128).mapToDouble(k -> Math.scalb(1.0, k));
    DoubleStream thirds = IntStream.range(-149, 128).mapToDouble(k -> Math.scalb(2.0 / 3, k));
    DoubleStream quarterTurns = IntStream.range(1, 320).mapToDouble(k -> k * Math.PI / 2);
    DoubleStream eighths = IntStream.rangeClosed(1, 8).mapToDouble(k -> k / 8.0);
    double[] centres =
        Stream.of(fixed, exponents, binades, thirds, quarterTurns, eighths)
            .flatMapToDouble(s -> s)
            .toArray();
    int count = centres.length * 2 * (2 * NEAR + 1);
    float[] near = new float[count];
    int i = 0;
    for (double centre : centres) {
      int bits = Float.floatToRawIntBits((float) centre);
      for (int d = -NEAR; d <= NEAR; d++) {
        near[i++] = Float.intBitsToFloat(bits + d);
        near[i++] = Float.intBitsToFloat((bits + d) ^ 0x80000000);
      }
    }
    return near;
  }
}
