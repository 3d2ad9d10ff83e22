package dev.quern.cpu;

/**
 * Adds up long runs of F32, as {@link Segment} does their blocks and {@link Counter} the blocks'
 * sums, but in one pass: {@code o[s]} is the sum of {@code blocks} blocks, a power of two, from
 * {@code a[i + s * step]} on.
 */
@FunctionalInterface
interface LongRuns {
  /** How many runs are added up: memory answers sooner at several places in turns. */
  int RUNS = 4;

  /** Runs over arrays; {@code step} is a multiple of a block. */
  void run(float[] a, int i, int step, int blocks, float[] o);
}
