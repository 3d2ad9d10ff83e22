package dev.quern.io;

import dev.quern.DType;
import dev.quern.Halves;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a file stores one element, and the type it is read into. */
enum Element {
  BOOL8(1, DType.BOOL),
  INT8(1, DType.I32),
  UINT8(1, DType.I32),
  INT16(2, DType.I32),
  UINT16(2, DType.I32),
  INT32(4, DType.I32),
  UINT32(4, DType.I64),
  INT64(8, DType.I64),
  FLOAT16(2, DType.F16),
  BFLOAT16(2, DType.BF16),
  FLOAT32(4, DType.F32),
  FLOAT64(8, DType.F64);

  private static final int CHUNK = 1 << 16;
  private static final int FIRST_GUESS = 1 << 20;

  private final int bytes;
  private final DType dtype;

  Element(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  int bytes() {
    return bytes;
  }

  DType dtype() {
    return dtype;
  }

  /**
   * Reads {@code count} elements, all that the file has left.
   *
   * @throws FormatException if the file cannot hold them, ends early or goes on after them
   */
  Object readToEnd(InputFile in, ByteOrder order, long count) {
    in.require(
        count > Long.MAX_VALUE / bytes ? Long.MAX_VALUE : count * bytes,
        "data of " + count + " elements");
    if (count > Integer.MAX_VALUE - 8) {
      throw in.error(count + " elements are more than one Java array holds");
    }
    // Compressed data may claim far more than it has: let the array grow with what arrives.
    int n = (int) count;
    Object out = newArray(in.isLengthKnown() ? n : Math.min(n, FIRST_GUESS));
    int most = Math.min(n, CHUNK / bytes);
    ByteBuffer chunk = ByteBuffer.allocate(most * bytes).order(order);
    int done = 0;
    while (done < n) {
      int step = Math.min(n - done, most);
      in.readFully(chunk.array(), 0, step * bytes, "data");
      if (done + step > Array.getLength(out)) {
        Object larger = newArray((int) Math.min(n, 2L * Array.getLength(out)));
        System.arraycopy(out, 0, larger, 0, done);
        out = larger;
      }
      decode(chunk, step, out, done);
      done += step;
    }
    in.requireEnd("data");
    return out;
  }

  private Object newArray(int n) {
    return switch (dtype) {
      case BOOL -> new boolean[n];
      case I32 -> new int[n];
      case I64 -> new long[n];
      case F16, BF16 -> new short[n];
      case F32 -> new float[n];
      case F64 -> new double[n];
    };
  }

  /** Reads {@code n} elements from the buffer's start as doubles; I64 beyond 2^53 is rounded. */
  void decode(ByteBuffer in, int n, double[] out, int at) {
    Object exact = newArray(n);
    decode(in, n, exact, 0);
    widen(dtype, exact, out, at);
  }

  /** Copies the array that holds elements of a type into doubles. */
  static void widen(DType dtype, Object data, double[] out, int at) {
    if (data instanceof float[] a) {
      for (int i = 0; i < a.length; i++) {
        out[at + i] = a[i];
      }
    } else if (data instanceof double[] a) {
      System.arraycopy(a, 0, out, at, a.length);
    } else if (data instanceof int[] a) {
      for (int i = 0; i < a.length; i++) {
        out[at + i] = a[i];
      }
    } else if (data instanceof long[] a) {
      for (int i = 0; i < a.length; i++) {
        out[at + i] = a[i];
      }
    } else if (data instanceof short[] a) {
      for (int i = 0; i < a.length; i++) {
        out[at + i] = dtype == DType.F16 ? Halves.fromF16(a[i]) : Halves.fromBf16(a[i]);
      }
    } else {
      boolean[] a = (boolean[]) data;
      for (int i = 0; i < a.length; i++) {
        out[at + i] = a[i] ? 1 : 0;
      }
    }
  }

  private void decode(ByteBuffer in, int n, Object out, int at) {
    in.clear();
    switch (this) {
      case BOOL8 -> {
        boolean[] a = (boolean[]) out;
        for (int i = 0; i < n; i++) {
          a[at + i] = in.get(i) != 0;
        }
      }
      case INT8, UINT8 -> {
        int[] a = (int[]) out;
        int mask = this == UINT8 ? 0xff : -1;
        for (int i = 0; i < n; i++) {
          a[at + i] = in.get(i) & mask;
        }
      }
      case INT16, UINT16 -> {
        int[] a = (int[]) out;
        int mask = this == UINT16 ? 0xffff : -1;
        for (int i = 0; i < n; i++) {
          a[at + i] = in.getShort(2 * i) & mask;
        }
      }
      case INT32 -> in.asIntBuffer().get((int[]) out, at, n);
      case UINT32 -> {
        long[] a = (long[]) out;
        for (int i = 0; i < n; i++) {
          a[at + i] = Integer.toUnsignedLong(in.getInt(4 * i));
        }
      }
      case INT64 -> in.asLongBuffer().get((long[]) out, at, n);
      case FLOAT16, BFLOAT16 -> in.asShortBuffer().get((short[]) out, at, n);
      case FLOAT32 -> in.asFloatBuffer().get((float[]) out, at, n);
      case FLOAT64 -> in.asDoubleBuffer().get((double[]) out, at, n);
    }
  }
}
