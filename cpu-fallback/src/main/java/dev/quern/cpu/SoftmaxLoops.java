package dev.quern.cpu;

/**
 * The two passes of a softmax that do more than one operation to each element.
 *
 * @param exp sets {@code o[k + x] = exp(a[i + x] - scalar)}, and returns their sum, in the order of
 *     {@link Segment}
 * @param divide sets {@code o[k + x] = a[i + x] / scalar}, rounded correctly, for elements from 0
 *     to 1 (or NaN) and a scalar of at least 1 (or NaN)
 */
record SoftmaxLoops(Pass exp, Pass divide) {
  /** Runs over {@code n} elements of a row. */
  @FunctionalInterface
  interface Pass {
    /** Returns the result of a reduction, where there is one. */
    float run(float[] a, int i, float scalar, float[] o, int k, int n);
  }
}
