package dev.quern.cpu;

/** The inner loops of F32 products that are not tiled. */
interface ThinLoops {
  /**
   * Adds up scaled rows one after the other: {@code c[k + x] = s[j] * a[i + x] + s[j + sStep] * a[i
   * + step + x] + ...}, for as many rows as there are, {@code x} from 0 to {@code n - 1}.
   */
  void sum(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k, int n);

  /**
   * Multiplies rows with one vector: {@code c[k + r * cStep] = a[i + r * step] * b[j] + ... + a[i +
   * r * step + n - 1] * b[j + n - 1]} for {@code r} from 0 to {@code rows - 1}, in 16 partial sums
   * that are added up as those of a {@link Segment}.
   */
  void dots(
      float[] a, int i, int step, int rows, float[] b, int j, int n, float[] c, int k, int cStep);
}
