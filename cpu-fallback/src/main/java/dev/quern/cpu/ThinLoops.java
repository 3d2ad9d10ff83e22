package dev.quern.cpu;

/** The inner loops of F32 products that are not tiled. */
interface ThinLoops {
  /** How many rows {@link #dots} does at once: what is left over takes as long as all. */
  int ROWS = 4;

  /**
   * Adds up scaled rows one after the other: {@code c[k + x] = s[j] * a[i + x] + s[j + sStep] * a[i
   * + step + x] + ...}, for as many rows as there are, {@code x} from 0 to {@code n - 1}.
   */
  void sum(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k, int n);

  /**
   * Multiplies rows with columns: {@code c[k + r * cRow + q] = a[i + r * aRow] * b[j + q * bCol] +
   * ... + a[i + r * aRow + n - 1] * b[j + q * bCol + n - 1]}, in 16 partial sums, fused, that are
   * added up as those of a {@link Segment}; at least one row.
   */
  void dots(
      float[] a,
      int i,
      int aRow,
      int rows,
      float[] b,
      int j,
      int bCol,
      int columns,
      int n,
      float[] c,
      int k,
      int cRow);
}
