package dev.quern.tck;

import java.math.BigInteger;

/** Philox4x32-10 written from the paper's definition, with arithmetic that cannot overflow. */
final class PhiloxOracle {
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(32);
  private static final BigInteger M0 = BigInteger.valueOf(0xD2511F53L);
  private static final BigInteger M1 = BigInteger.valueOf(0xCD9E8D57L);
  private static final BigInteger W0 = BigInteger.valueOf(0x9E3779B9L);
  private static final BigInteger W1 = BigInteger.valueOf(0xBB67AE85L);

  private PhiloxOracle() {}

  /** Returns the four words, each in [0, 2^32), of a block of a seed's stream. */
  static long[] block(long seed, long counter) {
    return block(
        new long[] {seed & 0xffffffffL, seed >>> 32},
        new long[] {counter & 0xffffffffL, counter >>> 32, 0, 0});
  }

  static long[] block(long[] key, long... counter) {
    BigInteger k0 = BigInteger.valueOf(key[0]);
    BigInteger k1 = BigInteger.valueOf(key[1]);
    BigInteger[] c = new BigInteger[4];
    for (int i = 0; i < 4; i++) {
      c[i] = BigInteger.valueOf(counter[i]);
    }
    for (int round = 0; round < 10; round++) {
      BigInteger[] p0 = M0.multiply(c[0]).divideAndRemainder(WORD);
      BigInteger[] p1 = M1.multiply(c[2]).divideAndRemainder(WORD);
      c = new BigInteger[] {p1[0].xor(c[1]).xor(k0), p1[1], p0[0].xor(c[3]).xor(k1), p0[1]};
      k0 = k0.add(W0).mod(WORD);
      k1 = k1.add(W1).mod(WORD);
    }
    return new long[] {c[0].longValue(), c[1].longValue(), c[2].longValue(), c[3].longValue()};
  }

  /** Returns the first {@code n} words of the stream from a block on. */
  static long[] words(long seed, long counter, int n) {
    long[] out = new long[n];
    long[] block = {};
    for (int i = 0; i < n; i++) {
      if (i % 4 == 0) {
        block = block(seed, counter + i / 4);
      }
      out[i] = block[i % 4];
    }
    return out;
  }
}
