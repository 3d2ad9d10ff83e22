package dev.quern.cpu;

import java.util.Arrays;

/** The loops in plain Java. */
final class PlainThinLoops implements ThinLoops {
  @Override
  public void sum(
      float[] a, int i, int step, float[] s, int j, int sStep, int rows, float[] c, int k, int n) {
    Arrays.fill(c, k, k + n, 0);
    for (int r = 0; r < rows; r++) {
      float scale = s[j + r * sStep];
      int from = i + r * step;
      for (int x = 0; x < n; x++) {
        c[k + x] += scale * a[from + x];
      }
    }
  }

  @Override
  public void dots(
      float[] a, int i, int step, int rows, float[] b, int j, int n, float[] c, int k, int cStep) {
    for (int r = 0; r < rows; r++) {
      c[k + r * cStep] = dot(a, i + r * step, b, j, n);
    }
  }

  /** Returns the product of two vectors. */
  static float dot(float[] a, int i, float[] b, int j, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    float s8 = 0;
    float s9 = 0;
    float s10 = 0;
    float s11 = 0;
    float s12 = 0;
    float s13 = 0;
    float s14 = 0;
    float s15 = 0;
    int whole = n / Segment.LANES * Segment.LANES;
    for (int x = 0; x < whole; x += Segment.LANES) {
      s0 += a[i + x] * b[j + x];
      s1 += a[i + x + 1] * b[j + x + 1];
      s2 += a[i + x + 2] * b[j + x + 2];
      s3 += a[i + x + 3] * b[j + x + 3];
      s4 += a[i + x + 4] * b[j + x + 4];
      s5 += a[i + x + 5] * b[j + x + 5];
      s6 += a[i + x + 6] * b[j + x + 6];
      s7 += a[i + x + 7] * b[j + x + 7];
      s8 += a[i + x + 8] * b[j + x + 8];
      s9 += a[i + x + 9] * b[j + x + 9];
      s10 += a[i + x + 10] * b[j + x + 10];
      s11 += a[i + x + 11] * b[j + x + 11];
      s12 += a[i + x + 12] * b[j + x + 12];
      s13 += a[i + x + 13] * b[j + x + 13];
      s14 += a[i + x + 14] * b[j + x + 14];
      s15 += a[i + x + 15] * b[j + x + 15];
    }
    float rest = rest(a, i, b, j, whole, n);
    float even = ((s0 + s8) + (s4 + s12)) + ((s2 + s10) + (s6 + s14));
    float odd = ((s1 + s9) + (s5 + s13)) + ((s3 + s11) + (s7 + s15));
    return even + odd + rest;
  }

  /** Returns the product of what comes after the first {@code whole} elements. */
  static float rest(float[] a, int i, float[] b, int j, int whole, int n) {
    float rest = 0;
    for (int x = whole; x < n; x++) {
      rest += a[i + x] * b[j + x];
    }
    return rest;
  }
}
