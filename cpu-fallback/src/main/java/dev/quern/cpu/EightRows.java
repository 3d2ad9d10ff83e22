package dev.quern.cpu;

/**
 * Adds up eight rows in pairs, pairs of pairs and so on, as a {@link Counter} does, but in one
 * pass: {@code o[x] = ((a[i + x] + a[i + step + x]) + ...) + (... + a[i + 7 * step + x])} for
 * {@code x} from 0 to {@code n - 1}.
 */
@FunctionalInterface
interface EightRows {
  /** The number of levels of a counter's tree that this does. */
  int LEVELS = 3;

  /** Runs over arrays. */
  void run(float[] a, int i, int step, float[] o, int n);
}
