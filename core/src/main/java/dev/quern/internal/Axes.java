package dev.quern.internal;

import dev.quern.Shape;

/** Lists of axes. */
public final class Axes {
  private Axes() {}

  /** Returns 0, 1, ... rank - 1 without one axis. */
  public static int[] without(int rank, int axis) {
    int[] out = new int[rank - 1];
    for (int i = 0, j = 0; i < rank; i++) {
      if (i != axis) {
        out[j++] = i;
      }
    }
    return out;
  }

  /**
   * Returns which axes are named; none named means all.
   *
   * @throws IllegalArgumentException if an axis is out of range or named twice
   */
  public static boolean[] flags(String op, Shape shape, int... axes) {
    boolean[] out = new boolean[shape.rank()];
    if (axes.length == 0) {
      java.util.Arrays.fill(out, true);
    }
    for (int axis : axes) {
      int a = shape.axis(op, axis);
      if (out[a]) {
        throw new IllegalArgumentException(op + ": axis " + axis + " is named twice: " + shape);
      }
      out[a] = true;
    }
    return out;
  }

  /** Returns the axes that are not flagged, then those that are. */
  public static int[] flaggedLast(boolean[] flags) {
    int[] out = new int[flags.length];
    int n = 0;
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < flags.length; i++) {
        if (flags[i] == (pass == 1)) {
          out[n++] = i;
        }
      }
    }
    return out;
  }
}
