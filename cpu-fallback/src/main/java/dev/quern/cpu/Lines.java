package dev.quern.cpu;

/**
 * Where lines of the cache begin in arrays. A vector that lies in two lines takes twice as long to
 * read or write. Where an array lies is not known, but the G1 collector gives a long one whole
 * regions of memory; under other collectors nothing but time is lost.
 */
final class Lines {
  /** The bytes of a line. */
  static final int BYTES = 64;

  /** The bytes from which on an array gets whole regions, unless their size is set by hand. */
  static final long OWN_REGION = halfRegion(Runtime.getRuntime().maxMemory());

  /** The bytes of an array before its first element. */
  private static final int HEADER = 16;

  private Lines() {}

  /**
   * Returns half of the size of a region of a heap of so many bytes: a power of two from 1 to 32
   * MiB of which there are at most 2048.
   */
  static long halfRegion(long heap) {
    long least = Math.max(1 << 20, Math.min(1 << 25, heap / 2048));
    return Long.highestOneBit(2 * least - 1) / 2;
  }

  /** Returns how many elements of so many bytes lie in the same line before the one at i. */
  static int before(long i, int bytes) {
    return (int) ((i + HEADER / bytes) % (BYTES / bytes));
  }
}
