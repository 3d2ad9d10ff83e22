package dev.quern.cpu;

import dev.quern.DType;
import java.util.Arrays;

/**
 * Moves elements between the Java arrays that hold the types; a loop each, so that they stay fast.
 */
final class HostArrays {
  /** Up to so many elements a call takes longer than a copy. */
  private static final int SHORT = 32;

  private HostArrays() {}

  /** Returns a new array of zeros. */
  static Object create(DType dtype, int length) {
    return switch (dtype) {
      case F32 -> new float[length];
      case F64 -> new double[length];
      case I32 -> new int[length];
      case I64 -> new long[length];
      case F16, BF16 -> new short[length];
      case BOOL -> new byte[length];
    };
  }

  /** Returns the element type of an array that a buffer may hold. */
  static DType dtype(Object array) {
    if (array instanceof float[]) {
      return DType.F32;
    } else if (array instanceof double[]) {
      return DType.F64;
    } else if (array instanceof int[]) {
      return DType.I32;
    } else if (array instanceof long[]) {
      return DType.I64;
    } else if (array instanceof byte[]) {
      return DType.BOOL;
    }
    throw new IllegalArgumentException("cpu: not an array of numbers: " + array.getClass());
  }

  /** Sets {@code n} elements to a constant given as in {@link dev.quern.spi.Program}. */
  static void fill(Object array, int at, int n, long bits) {
    if (array instanceof float[] a) {
      Arrays.fill(a, at, at + n, Float.intBitsToFloat((int) bits));
    } else if (array instanceof double[] a) {
      Arrays.fill(a, at, at + n, Double.longBitsToDouble(bits));
    } else if (array instanceof int[] a) {
      Arrays.fill(a, at, at + n, (int) bits);
    } else if (array instanceof long[] a) {
      Arrays.fill(a, at, at + n, bits);
    } else if (array instanceof short[] a) {
      Arrays.fill(a, at, at + n, (short) bits);
    } else if (array instanceof byte[] a) {
      Arrays.fill(a, at, at + n, (byte) bits);
    }
  }

  /** Sets {@code to[at + x] = from[pos + x * stride]}. */
  static void gather(Object from, int pos, int stride, Object to, int at, int n) {
    if (stride == 1) {
      copyRuns(from, pos, 0, to, at, 0, 1, n);
    } else if (from instanceof float[] f && to instanceof float[] t) {
      if (stride == 0) {
        Arrays.fill(t, at, at + n, f[pos]);
        return;
      }
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    } else if (from instanceof int[] f && to instanceof int[] t) {
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    } else if (from instanceof long[] f && to instanceof long[] t) {
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    } else if (from instanceof short[] f && to instanceof short[] t) {
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    } else if (from instanceof byte[] f && to instanceof byte[] t) {
      for (int x = 0; x < n; x++) {
        t[at + x] = f[pos + x * stride];
      }
    }
  }

  /** Sets {@code to[at + r * n + x] = from[pos + r * rowStride + x * stride]} for {@code x < n}. */
  static void gatherRows(
      Object from, int pos, int rowStride, int stride, Object to, int at, int rows, int n) {
    if (rows > 1 && n <= SHORT && from instanceof float[] f && to instanceof float[] t) {
      gatherShortRows(f, pos, rowStride, stride, t, at, rows, n);
      return;
    }
    for (int r = 0; r < rows; r++) {
      gather(from, pos + r * rowStride, stride, to, at + r * n, n);
    }
  }

  private static void gatherShortRows(
      float[] from, int pos, int rowStride, int stride, float[] to, int at, int rows, int n) {
    int k = at;
    for (int r = 0; r < rows; r++) {
      int i = pos + r * rowStride;
      if (stride == 0) {
        float x = from[i];
        for (int end = k + n; k < end; k++) {
          to[k] = x;
        }
      } else {
        for (int end = k + n; k < end; k++) {
          to[k] = from[i];
          i += stride;
        }
      }
    }
  }

  /** Sets {@code to[pos + x * stride] = from[at + x]}. */
  static void scatter(Object from, int at, Object to, int pos, int stride, int n) {
    if (stride == 1) {
      System.arraycopy(from, at, to, pos, n);
    } else if (from instanceof float[] f && to instanceof float[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    } else if (from instanceof int[] f && to instanceof int[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    } else if (from instanceof long[] f && to instanceof long[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    } else if (from instanceof short[] f && to instanceof short[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    } else if (from instanceof byte[] f && to instanceof byte[] t) {
      for (int x = 0; x < n; x++) {
        t[pos + x * stride] = f[at + x];
      }
    }
  }

  /**
   * Copies runs of {@code n} elements that lie {@code iStep} and {@code kStep} apart. The
   * compiler's copy of arrays whose type it does not know takes several times as long on short
   * runs.
   */
  static void copyRuns(
      Object from, int i, int iStep, Object to, int k, int kStep, int runs, int n) {
    if (from instanceof float[] f && to instanceof float[] t) {
      for (int x = 0; x < runs; x++) {
        System.arraycopy(f, i + x * iStep, t, k + x * kStep, n);
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < runs; x++) {
        System.arraycopy(f, i + x * iStep, t, k + x * kStep, n);
      }
    } else {
      for (int x = 0; x < runs; x++) {
        System.arraycopy(from, i + x * iStep, to, k + x * kStep, n);
      }
    }
  }

  /** Sets {@code to[k + x * kStep] = from[i + x * iStep]}. */
  static void copy(Object from, int i, int iStep, Object to, int k, int kStep, int n) {
    if (kStep == 1) {
      gather(from, i, iStep, to, k, n);
    } else if (from instanceof float[] f && to instanceof float[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    } else if (from instanceof int[] f && to instanceof int[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    } else if (from instanceof long[] f && to instanceof long[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    } else if (from instanceof short[] f && to instanceof short[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    } else if (from instanceof byte[] f && to instanceof byte[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * kStep] = f[i + x * iStep];
      }
    }
  }

  /** Sets {@code to[k + x * step] = from[places[x]]}. */
  static void pick(Object from, int[] places, Object to, int k, int step, int n) {
    if (from instanceof float[] f && to instanceof float[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    } else if (from instanceof int[] f && to instanceof int[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    } else if (from instanceof long[] f && to instanceof long[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    } else if (from instanceof short[] f && to instanceof short[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    } else if (from instanceof byte[] f && to instanceof byte[] t) {
      for (int x = 0; x < n; x++) {
        t[k + x * step] = f[places[x]];
      }
    }
  }

  /** Adds {@code from[i + x * step]} to {@code to[places[x]]}, in ascending order of x. */
  static void addTo(Object from, int i, int step, Object to, int[] places, int n) {
    if (from instanceof float[] f && to instanceof float[] t) {
      for (int x = 0; x < n; x++) {
        t[places[x]] += f[i + x * step];
      }
    } else if (from instanceof double[] f && to instanceof double[] t) {
      for (int x = 0; x < n; x++) {
        t[places[x]] += f[i + x * step];
      }
    } else if (from instanceof int[] f && to instanceof int[] t) {
      for (int x = 0; x < n; x++) {
        t[places[x]] += f[i + x * step];
      }
    } else if (from instanceof long[] f && to instanceof long[] t) {
      for (int x = 0; x < n; x++) {
        t[places[x]] += f[i + x * step];
      }
    }
  }
}
