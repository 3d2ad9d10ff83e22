package dev.quern.random;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A stream of random numbers: a seed and a position. The same seed gives the same bits on every
 * device and in any launch size. Safe for use by several threads, which then share one stream in
 * whatever order they come.
 */
public final class Generator {
  private static volatile Generator global = new Generator(0);

  private final long seed;
  private final AtomicLong position;

  /** Creates a generator at the start of a seed's stream. */
  public Generator(long seed) {
    this(seed, 0);
  }

  /**
   * Creates a generator in the middle of a seed's stream, for resuming.
   *
   * @param position what {@link #position()} returned
   * @throws IllegalArgumentException if the position is negative
   */
  public Generator(long seed, long position) {
    if (position < 0) {
      throw new IllegalArgumentException("generator: negative position: " + position);
    }
    this.seed = seed;
    this.position = new AtomicLong(position);
  }

  /** Returns the generator used where none is given; its seed is 0 unless set. */
  public static Generator global() {
    return global;
  }

  /** Restarts the generator used where none is given. */
  public static void seedGlobal(long seed) {
    global = new Generator(seed);
  }

  /** Returns the seed. */
  public long seed() {
    return seed;
  }

  /** Returns the number of the next block. */
  public long position() {
    return position.get();
  }

  /** Takes {@code blocks} blocks of four words and returns the first one's number. */
  public long take(long blocks) {
    return position.getAndAdd(blocks);
  }
}
