package dev.quern.bench.gpu;

import java.util.Random;

/** Places to look at where looking at everything takes too long: both ends and some between. */
final class Windows {
  private static final int COUNT = 8;

  private Windows() {}

  /** Returns where windows of this length start in a range, at odd places too. */
  static long[] starts(long range, long length, long seed) {
    if (range <= length) {
      return new long[] {0};
    }
    Random random = new Random(seed);
    long last = range - length;
    long[] starts = new long[COUNT];
    for (int i = 2; i < COUNT; i++) {
      starts[i] = (long) (random.nextDouble() * last);
    }
    starts[1] = last;
    return starts;
  }
}
