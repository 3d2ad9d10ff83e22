package dev.quern.trainer.learn;

import dev.quern.random.Generator;
import dev.quern.random.Philox;
import java.util.stream.IntStream;

/**
 * Random orders from a stream whose position can be saved.
 *
 * <p>Source: Durstenfeld, "Algorithm 235: random permutation" (1964), with Philox for the numbers.
 */
final class Shuffle {
  /** Where the stream of orders starts, far from where the same seed's weights come from. */
  static final long START = 1L << 62;

  private Shuffle() {}

  /** Returns the numbers below {@code n} in random order; takes {@code n / 2} blocks. */
  static int[] order(int n, Generator generator) {
    int[] order = IntStream.range(0, n).toArray();
    long block = generator.take((n + 1L) / 2);
    int[] words = new int[4];
    for (int i = n - 1; i > 0; i--) {
      int at = (i & 1) * 2;
      if (at == 2 || i == n - 1) {
        Philox.block(generator.seed(), block + i / 2, words);
      }
      // 63 random bits times (i + 1) / 2^63: biased by less than 2^-32.
      long bits = (((long) words[at] << 32) | (words[at + 1] & 0xffffffffL)) >>> 1;
      int j = (int) Math.multiplyHigh(bits, 2L * (i + 1));
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
