package dev.quern.cpu;

/** The two passes of a softmax that do more than one operation to each element. */
interface SoftmaxLoops {
  /** Sets {@code o[k + x] = exp(a[i + x] - max)} for {@code n} elements. */
  void exp(float[] a, int i, float max, float[] o, int k, int n);

  /**
   * Sets {@code o[k + x] = o[k + x] / sum}, rounded correctly, for {@code n} elements from 0 to 1
   * (or NaN) and a sum of at least 1 (or NaN).
   */
  void divide(float[] o, int k, float sum, int n);
}
