package dev.quern.spi;

/**
 * What a stream of Philox4x32-10 blocks is turned into. Block {@code c} holds the four 32-bit words
 * {@code w0..w3} of counter {@code (c & 0xffffffff, c >>> 32, 0, 0)} under the key {@code (seed &
 * 0xffffffff, seed >>> 32)}.
 */
public enum RandomKind {
  /**
   * F32: element {@code 4c + j} is {@code (wj >>> 8) * 2^-24}. F64: elements {@code 2c} and {@code
   * 2c + 1} are {@code ((u >>> 11) * 2^-53)} with {@code u = w0 | w1 << 32} and {@code w2 | w3 <<
   * 32}. Range [0, 1).
   */
  UNIFORM,
  /**
   * Box-Muller. F32: {@code (w0, w1)} give elements {@code 4c, 4c + 1} and {@code (w2, w3)} give
   * {@code 4c + 2, 4c + 3}: with {@code u = ((w0 >>> 8) + 1) * 2^-24} in (0, 1] and {@code v = (w1
   * >>> 8) * 2^-24}, {@code r = sqrt(-2 log u)}: {@code r cos(2 pi v)} and {@code r sin(2 pi v)},
   * with the F32 routines. F64: {@code u = (((w0 | w1 << 32) >>> 11) + 1) * 2^-53} and {@code v =
   * ((w2 | w3 << 32) >>> 11) * 2^-53} give elements {@code 2c, 2c + 1}; computed on the host with
   * StrictMath so that every device has the same bits.
   */
  NORMAL,
  /** I64: element {@code 4c + j} is {@code wj}, in [0, 2^32). */
  BITS32;

  /** Returns how many elements of this kind one block yields. */
  public int perBlock(dev.quern.DType dtype) {
    return dtype == dev.quern.DType.F64 ? 2 : 4;
  }

  /**
   * Computes the two F64 elements of {@link #NORMAL} that one block yields.
   *
   * @param words the block's four words
   * @param out where the two go
   */
  public static void normal(int[] words, double[] out) {
    long w0 = (words[0] & 0xffffffffL) | (long) words[1] << 32;
    long w1 = (words[2] & 0xffffffffL) | (long) words[3] << 32;
    double u = ((w0 >>> 11) + 1) * 0x1p-53;
    double angle = 2 * Math.PI * ((w1 >>> 11) * 0x1p-53);
    double r = Math.sqrt(-2 * StrictMath.log(u));
    out[0] = r * StrictMath.cos(angle);
    out[1] = r * StrictMath.sin(angle);
  }
}
