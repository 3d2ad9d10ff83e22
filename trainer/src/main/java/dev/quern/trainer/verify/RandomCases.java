package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;

/**
 * Built-in cases: random numbers against a Philox4x32-10 of their own, which itself must give the
 * known answers that Random123 publishes.
 */
final class RandomCases {
  private static final long SEED = 0x299f31d0a4093822L;
  private static final int COUNT = 1003;

  private RandomCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>();
    out.add(random("known answers", RandomCases::knownAnswers));
    for (DType dtype : TestData.FLOATING) {
      out.add(random("uniform " + dtype, () -> uniform(dtype)));
      out.add(random("normal " + dtype, () -> normal(dtype)));
    }
    out.add(random("integers", RandomCases::integers));
    return out;
  }

  private static VerifyCase random(String name, VerifyCase.Body body) {
    return new VerifyCase("random " + name, "philox", "random", body);
  }

  /** Returns a block's four words, each as an unsigned number. */
  private static long[] block(long key, long counterLow, long counterHigh) {
    long mask = 0xffffffffL;
    long[] c = {counterLow & mask, counterLow >>> 32, counterHigh & mask, counterHigh >>> 32};
    long k0 = key & mask;
    long k1 = key >>> 32;
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * c[0];
      long p1 = 0xCD9E8D57L * c[2];
      c = new long[] {(p1 >>> 32) ^ c[1] ^ k0, p1 & mask, (p0 >>> 32) ^ c[3] ^ k1, p0 & mask};
      k0 = (k0 + 0x9E3779B9L) & mask;
      k1 = (k1 + 0xBB67AE85L) & mask;
    }
    return c;
  }

  /** Returns the first words of a seed's stream. */
  private static long[] words(int n) {
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      out[i] = block(SEED, i / 4, 0)[i % 4];
    }
    return out;
  }

  private static Comparison knownAnswers() {
    Comparison comparison = new Comparison();
    long[] zeros = {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L};
    long[] ones = {0x408f276dL, 0x41c83b0eL, 0xa20bc7c6L, 0x6d5451fdL};
    long[] digits = {0xd16cfe09L, 0x94fdcceBL, 0x5001e420L, 0x24126ea1L};
    check(comparison, "zeros", block(0, 0, 0), zeros);
    check(comparison, "ones", block(-1, -1, -1), ones);
    check(
        comparison, "digits of pi", block(SEED, 0x85a308d3243f6a88L, 0x0370734413198a2eL), digits);
    // The one of them that starts a stream, on the device.
    double[] want = new double[4];
    for (int i = 0; i < 4; i++) {
      want[i] = (zeros[i] >>> 8) * 0x1p-24;
    }
    Tensor got = Tensor.rand(new Generator(0), DType.F32, 4);
    comparison.within("on the device", got, want, new double[4]);
    return comparison;
  }

  private static void check(Comparison comparison, String what, long[] got, long[] want) {
    comparison.exact(what, Tensor.of(got, got.length), want);
  }

  private static Comparison uniform(DType dtype) {
    double[] want = new double[COUNT];
    long[] words = words(2 * COUNT + 2);
    for (int i = 0; i < COUNT; i++) {
      want[i] =
          dtype == DType.F32
              ? (words[i] >>> 8) * 0x1p-24
              : ((words[2 * i] | words[2 * i + 1] << 32) >>> 11) * 0x1p-53;
    }
    Comparison comparison = new Comparison();
    Tensor got = Tensor.rand(new Generator(SEED), dtype, COUNT);
    comparison.within("element", got, want, new double[COUNT]);
    return comparison;
  }

  private static Comparison normal(DType dtype) {
    double[] want = new double[COUNT];
    long[] words = words(2 * COUNT + 4);
    for (int i = 0; i < COUNT; i++) {
      int pair = i / 2;
      double u;
      double v;
      if (dtype == DType.F32) {
        u = ((words[2 * pair] >>> 8) + 1) * 0x1p-24;
        v = (words[2 * pair + 1] >>> 8) * 0x1p-24;
      } else {
        u = (((words[4 * pair] | words[4 * pair + 1] << 32) >>> 11) + 1) * 0x1p-53;
        v = ((words[4 * pair + 2] | words[4 * pair + 3] << 32) >>> 11) * 0x1p-53;
      }
      double radius = Math.sqrt(-2 * StrictMath.log(u));
      double angle = 2 * Math.PI * v;
      want[i] = radius * (i % 2 == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
    }
    Comparison comparison = new Comparison();
    // The radius is below 9, and each of its four factors is rounded.
    double bound = 9 * 8 * TestData.epsilon(dtype);
    Tensor got = Tensor.randn(new Generator(SEED), dtype, COUNT);
    comparison.within("element", got, want, TestData.bounds(COUNT, bound));
    return comparison;
  }

  private static Comparison integers() {
    long low = -5;
    long span = 1000;
    long[] want = words(COUNT);
    for (int i = 0; i < COUNT; i++) {
      want[i] = low + ((want[i] * span) >> 32);
    }
    Comparison comparison = new Comparison();
    Tensor got = Tensor.randint(new Generator(SEED), low, low + span, COUNT);
    comparison.exact("element", got, want);
    return comparison;
  }
}
