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
      int cRow) {
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < columns; q++) {
        c[k + r * cRow + q] = dot(a, i + r * aRow, b, j + q * bCol, n);
      }
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
      s0 = Math.fma(a[i + x], b[j + x], s0);
      s1 = Math.fma(a[i + x + 1], b[j + x + 1], s1);
      s2 = Math.fma(a[i + x + 2], b[j + x + 2], s2);
      s3 = Math.fma(a[i + x + 3], b[j + x + 3], s3);
      s4 = Math.fma(a[i + x + 4], b[j + x + 4], s4);
      s5 = Math.fma(a[i + x + 5], b[j + x + 5], s5);
      s6 = Math.fma(a[i + x + 6], b[j + x + 6], s6);
      s7 = Math.fma(a[i + x + 7], b[j + x + 7], s7);
      s8 = Math.fma(a[i + x + 8], b[j + x + 8], s8);
      s9 = Math.fma(a[i + x + 9], b[j + x + 9], s9);
      s10 = Math.fma(a[i + x + 10], b[j + x + 10], s10);
      s11 = Math.fma(a[i + x + 11], b[j + x + 11], s11);
      s12 = Math.fma(a[i + x + 12], b[j + x + 12], s12);
      s13 = Math.fma(a[i + x + 13], b[j + x + 13], s13);
      s14 = Math.fma(a[i + x + 14], b[j + x + 14], s14);
      s15 = Math.fma(a[i + x + 15], b[j + x + 15], s15);
    }
    float even = ((s0 + s8) + (s4 + s12)) + ((s2 + s10) + (s6 + s14));
    float odd = ((s1 + s9) + (s5 + s13)) + ((s3 + s11) + (s7 + s15));
    // Adding 0 would turn -0 around.
    return whole == n ? even + odd : even + odd + rest(a, i, b, j, whole, n);
  }

  /** Adds up 16 partial sums that lie in an array. */
  static float total(float[] s, int i) {
    float even =
        ((s[i] + s[i + 8]) + (s[i + 4] + s[i + 12]))
            + ((s[i + 2] + s[i + 10]) + (s[i + 6] + s[i + 14]));
    float odd =
        ((s[i + 1] + s[i + 9]) + (s[i + 5] + s[i + 13]))
            + ((s[i + 3] + s[i + 11]) + (s[i + 7] + s[i + 15]));
    return even + odd;
  }

  /** Returns the product of what comes after the first {@code whole} elements. */
  static float rest(float[] a, int i, float[] b, int j, int whole, int n) {
    float rest = 0;
    for (int x = whole; x < n; x++) {
      rest = Math.fma(a[i + x], b[j + x], rest);
    }
    return rest;
  }
}
