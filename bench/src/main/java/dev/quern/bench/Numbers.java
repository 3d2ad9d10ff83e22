package dev.quern.bench;

/**
 * Operands that every contender makes for itself, the same bits in each: element i of stream s is
 * {@code ((i + 7919 s) * 2654435761 mod 2^32 >> 8) / 2^24 - 1/2}, exact in F32.
 */
public final class Numbers {
  /** How many elements of a result are compared. */
  static final int SAMPLES = 48;

  private Numbers() {}

  /** Returns an element, in [-1/2, 1/2). */
  public static float at(long i, int stream) {
    long mixed = (i + 7919L * stream) * 2654435761L & 0xffffffffL;
    return (mixed >>> 8) * 0x1p-24f - 0.5f;
  }

  /** Returns the first {@code n} elements of a stream. */
  public static float[] array(long n, int stream) {
    return array(n, stream, 1);
  }

  /** Returns the first {@code n} elements of a stream times a power of two. */
  public static float[] array(long n, int stream, float scale) {
    float[] out = new float[Math.toIntExact(n)];
    for (int i = 0; i < out.length; i++) {
      out[i] = at(i, stream) * scale;
    }
    return out;
  }

  /** Returns the true class of a row. */
  public static int label(int row, int classes) {
    return row * 7 % classes;
  }

  /** Returns the true classes of {@code rows} rows. */
  public static long[] labels(int rows, int classes) {
    long[] out = new long[rows];
    for (int i = 0; i < rows; i++) {
      out[i] = label(i, classes);
    }
    return out;
  }

  /** Returns the elements of a result that are compared: the first, the last, some between. */
  static long[] places(long size) {
    long[] places = new long[(int) Math.min(SAMPLES, size)];
    for (int j = 0; j < places.length; j++) {
      places[j] = places.length == 1 ? 0 : (size - 1) * j / (places.length - 1);
    }
    return places;
  }
}
