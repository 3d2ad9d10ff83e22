package dev.quern.random;

/**
 * Philox4x32-10, a counter-based generator: block {@code counter} of a seed's stream is a pure
 * function of both, so any part of the stream can be made anywhere.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /**
   * Writes the four 32-bit words of a block.
   *
   * @param seed the key, low word first
   * @param counter the low 64 bits of the counter; the high ones are 0
   * @param out receives the words at 0 to 3
   */
  public static void block(long seed, long counter, int[] out) {
    block((int) seed, (int) (seed >>> 32), (int) counter, (int) (counter >>> 32), 0, 0, out);
  }

  static void block(int k0, int k1, int c0, int c1, int c2, int c3, int[] out) {
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (M0 & 0xffffffffL) * (c0 & 0xffffffffL);
      long p1 = (M1 & 0xffffffffL) * (c2 & 0xffffffffL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
