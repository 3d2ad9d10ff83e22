package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Random numbers: the documented bits, and a sane distribution. */
abstract class RandomTck extends Tck {
  private static final long[] SEEDS = {0, 1, -1, 42, 0x123456789abcdefL, Long.MIN_VALUE};
  private static final long[] POSITIONS = {0, 1, 0xffffffffL, 1L << 40};
  private static final int[] SIZES = {0, 1, 2, 3, 5, 31, 257};

  @Test
  void shouldMatchKnownAnswers() {
    long ones = 0xffffffffL;
    assertArrayEquals(
        new long[] {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L},
        PhiloxOracle.block(new long[] {0, 0}, 0, 0, 0, 0));
    assertArrayEquals(
        new long[] {0x408f276dL, 0x41c83b0eL, 0xa20bc7c6L, 0x6d5451fdL},
        PhiloxOracle.block(new long[] {ones, ones}, ones, ones, ones, ones));
    assertArrayEquals(
        new long[] {0xd16cfe09L, 0x94fdccebL, 0x5001e420L, 0x24126ea1L},
        PhiloxOracle.block(
            new long[] {0xa4093822L, 0x299f31d0L},
            0x243f6a88L,
            0x85a308d3L,
            0x13198a2eL,
            0x03707344L));
  }

  @Test
  void shouldMapWordsToUniformFloats() {
    for (long seed : SEEDS) {
      for (long position : POSITIONS) {
        for (int n : SIZES) {
          long[] words = PhiloxOracle.words(seed, position, n);
          double[] expected = Arrays.stream(words).mapToDouble(w -> (w >>> 8) * 0x1p-24).toArray();

          Tensor x = Tensor.rand(new Generator(seed, position), DType.F32, n);

          Expect.same("seed " + seed, Values.reals(DType.F32, expected, n), x);
        }
      }
    }
  }

  @Test
  void shouldMapWordsToUniformDoubles() {
    for (long seed : SEEDS) {
      for (int n : SIZES) {
        double[] expected = pairs(seed, 3, n, u -> (u >>> 11) * 0x1p-53);

        Tensor x = Tensor.rand(new Generator(seed, 3), DType.F64, n);

        Expect.same("seed " + seed, Values.of(expected, n), x);
      }
    }
  }

  /** What becomes of 64 random bits. */
  private interface FromBits {
    double of(long bits);
  }

  private static double[] pairs(long seed, long position, int n, FromBits map) {
    long[] words = PhiloxOracle.words(seed, position, 2 * n);
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = map.of(words[2 * i] | words[2 * i + 1] << 32);
    }
    return out;
  }

  @Test
  void shouldMapWordsToNormalFloats() {
    for (long seed : SEEDS) {
      for (int n : SIZES) {
        long[] words = PhiloxOracle.words(seed, 9, n + 4);
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
          double u = ((words[i & ~1] >>> 8) + 1) * 0x1p-24;
          double v = (words[i | 1] >>> 8) * 0x1p-24;
          double r = Math.sqrt(-2 * Math.log(u));
          expected[i] = r * (i % 2 == 0 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v));
        }

        Tensor x = Tensor.randn(new Generator(seed, 9), DType.F32, n);

        // r is at most 5.8; log, square root, sine and product each add an ulp or two.
        Expect.close("seed " + seed, Values.of(expected, n).cast(DType.F32), 4e-7, 3e-6, x);
      }
    }
  }

  @Test
  void shouldMapWordsToNormalDoubles() {
    for (long seed : SEEDS) {
      for (int n : SIZES) {
        double[] u = pairs(seed, 9, n + 2, bits -> ((bits >>> 11) + 1) * 0x1p-53);
        double[] v = pairs(seed, 9, n + 2, bits -> (bits >>> 11) * 0x1p-53);
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
          double r = StrictMath.sqrt(-2 * StrictMath.log(u[i & ~1]));
          double angle = 2 * Math.PI * v[i | 1];
          expected[i] = r * (i % 2 == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
        }

        Tensor x = Tensor.randn(new Generator(seed, 9), DType.F64, n);

        Expect.close("seed " + seed, Values.of(expected, n), 1e-15, 1e-15, x);
      }
    }
  }

  @Test
  void shouldMapWordsToIntegers() {
    long[][] ranges = {
      {0, 10}, {-5, 6}, {3, 4}, {-(1L << 30), 1L << 30}, {1L << 50, (1L << 50) + 7}
    };
    for (long[] range : ranges) {
      long[] words = PhiloxOracle.words(5, 2, 100);
      long[] expected = new long[100];
      for (int i = 0; i < 100; i++) {
        expected[i] = range[0] + ((words[i] * (range[1] - range[0])) >>> 32);
      }

      Tensor x = Tensor.randint(new Generator(5, 2), range[0], range[1], 100);

      Expect.same(Arrays.toString(range), Values.integers(DType.I64, expected, 100), x);
    }
  }

  @Test
  void shouldReachBothEndsOfIntegerRange() {
    long[] x = Tensor.randint(new Generator(1), -2, 3, 1000).toLongArray();

    assertEquals(-2, Arrays.stream(x).min().orElseThrow());
    assertEquals(2, Arrays.stream(x).max().orElseThrow());
  }

  @Test
  void shouldNotDependOnShape() {
    Values all = Values.read(Tensor.rand(new Generator(8), DType.F32, 66_000));

    Tensor matrix = Tensor.rand(new Generator(8), DType.F32, 66, 1000);
    Tensor part = Tensor.rand(new Generator(8, 3), DType.F32, 501);

    Expect.same(all.reshape(66, 1000), matrix);
    Expect.same(all.strided(new long[] {501}, new long[] {1}, 12), part);
  }

  @Test
  void shouldRepeatWithSameSeed() {
    Expect.same(
        Values.read(Tensor.randn(new Generator(4), DType.F32, 1001)),
        Tensor.randn(new Generator(4), DType.F32, 1001));
  }

  @Test
  void shouldAdvanceByWholeBlocks() {
    Generator generator = new Generator(1);

    Tensor.rand(generator, DType.F32, 5);
    assertEquals(2, generator.position());
    Tensor.rand(generator, DType.F64, 5);
    assertEquals(5, generator.position());
    Tensor.randn(generator, DType.F32, 4);
    assertEquals(6, generator.position());
    Tensor.randint(generator, 0, 5, 9);
    assertEquals(9, generator.position());
    Tensor.rand(generator, DType.F32, 0);
    assertEquals(9, generator.position());
    Tensor.rand(generator, DType.F32);
    assertEquals(10, generator.position());
  }

  @Test
  void shouldContinueStream() {
    Generator generator = new Generator(7);
    Tensor first = Tensor.rand(generator, DType.F32, 8);
    Tensor second = Tensor.rand(generator, DType.F32, 8);

    Expect.same(
        Values.read(Tensor.rand(new Generator(7), DType.F32, 16)), Tensor.concat(0, first, second));
    Expect.same(Values.read(second), Tensor.rand(new Generator(7, 2), DType.F32, 8));
  }

  @Test
  void shouldUseGlobalGenerator() {
    Generator.seedGlobal(5);
    Values first = Values.read(Tensor.rand(10));
    Generator.seedGlobal(5);

    Expect.same(first, Tensor.rand(10));
    Expect.same(first, Tensor.rand(new Generator(5), DType.F32, 10));
    Generator.seedGlobal(0);
  }

  @Test
  void shouldBeUniform() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      double[] x = Tensor.rand(new Generator(11), dtype, 1 << 16).toDoubleArray();

      assertTrue(Groups.min(x) >= 0 && Groups.max(x) < 1);
      // Five standard errors.
      assertEquals(0.5, Groups.mean(x), 5 * Math.sqrt(1 / 12.0 / x.length));
      assertEquals(1 / 12.0, Groups.variance(0, x), 0.002);
      checkDistribution(x, v -> v);
    }
  }

  @Test
  void shouldBeNormal() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      double[] x = Tensor.randn(new Generator(12), dtype, 1 << 16).toDoubleArray();

      assertEquals(0, Groups.mean(x), 5 / Math.sqrt(x.length));
      assertEquals(1, Groups.variance(0, x), 0.03);
      assertTrue(Groups.max(x) > 3.5 && Groups.min(x) < -3.5);
      checkDistribution(x, v -> 0.5 * (1 + TrueMath.erf(v / Math.sqrt(2))));
    }
  }

  @Test
  void shouldBeUncorrelated() {
    double[] x = Tensor.randn(new Generator(13), DType.F32, 1 << 16).toDoubleArray();
    for (int lag = 1; lag < 9; lag++) {
      double sum = 0;
      for (int i = lag; i < x.length; i++) {
        sum += x[i] * x[i - lag];
      }

      assertEquals(0, sum / x.length, 5 / Math.sqrt(x.length), "lag " + lag);
    }
  }

  // Kolmogorov-Smirnov at the 0.1 % level.
  private static void checkDistribution(double[] x, DoubleUnaryOperator cumulative) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      double f = cumulative.applyAsDouble(sorted[i]);
      distance = Math.max(distance, Math.abs(f - (double) i / sorted.length));
      distance = Math.max(distance, Math.abs(f - (i + 1.0) / sorted.length));
    }

    assertTrue(distance < 1.95 / Math.sqrt(x.length), "distance " + distance);
  }
}
