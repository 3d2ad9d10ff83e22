package dev.quern.cpu;

/**
 * Where lines of the cache begin in arrays. A vector that lies in two lines takes twice as long to
 * read or write. Where an array lies is not known, but the G1 collector gives a long one whole
 * regions of memory; under other collectors nothing but time is lost.
 */
final class Lines {
  /** The bytes of a line. */
  static final int BYTES = 64;

  /**
   * The bytes from which on an array gets whole regions: half of one, of which there are at least
   * 2048 unless they would be smaller than 1 or greater than 32 MiB.
   */
  static final long OWN_REGION =
      Math.max(1 << 19, Math.min(1 << 24, Runtime.getRuntime().maxMemory() / 4096));

  /** The bytes of an array before its first element. */
  private static final int HEADER = 16;

  private Lines() {}

  /** Returns how many elements of so many bytes lie in the same line before the one at i. */
  static int before(long i, int bytes) {
    return (int) ((i + HEADER / bytes) % (BYTES / bytes));
  }
}
