package dev.quern.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A piece of a Java array that takes part in a copy.
 *
 * @param array the array
 * @param start its first element that takes part
 * @param elementBytes the size of an element
 * @param bytes how long the piece is
 */
record HostArray(Object array, int start, int elementBytes, long bytes) {
  /** Returns {@code count} elements from {@code start} on, checked. */
  static HostArray of(String call, Object array, int start, int count) {
    if (array instanceof float[] floats) {
      return of(call, array, floats.length, Float.BYTES, start, count);
    }
    if (array instanceof double[] doubles) {
      return of(call, array, doubles.length, Double.BYTES, start, count);
    }
    if (array instanceof int[] ints) {
      return of(call, array, ints.length, Integer.BYTES, start, count);
    }
    if (array instanceof long[] longs) {
      return of(call, array, longs.length, Long.BYTES, start, count);
    }
    if (array instanceof short[] shorts) {
      return of(call, array, shorts.length, Short.BYTES, start, count);
    }
    if (array instanceof byte[] bytes) {
      return of(call, array, bytes.length, Byte.BYTES, start, count);
    }
    throw new IllegalArgumentException(
        call + ": not an array of numbers: " + array.getClass().getSimpleName());
  }

  private static HostArray of(
      String call, Object array, int length, int size, int start, int count) {
    if (start < 0 || count < 0 || count > length - start) {
      throw new IllegalArgumentException(
          call + ": beyond the array: " + count + " elements from " + start + " on of " + length);
    }
    return new HostArray(array, start, size, (long) count * size);
  }

  /** Copies from byte {@code from} of the piece on into memory of {@code count} bytes. */
  void read(long from, ByteBuffer memory, int at, int count) {
    ByteBuffer target = memory.slice(at, count).order(ByteOrder.nativeOrder());
    int first = start + (int) (from / elementBytes);
    int elements = count / elementBytes;
    if (array instanceof float[] floats) {
      target.asFloatBuffer().put(floats, first, elements);
    } else if (array instanceof double[] doubles) {
      target.asDoubleBuffer().put(doubles, first, elements);
    } else if (array instanceof int[] ints) {
      target.asIntBuffer().put(ints, first, elements);
    } else if (array instanceof long[] longs) {
      target.asLongBuffer().put(longs, first, elements);
    } else if (array instanceof short[] shorts) {
      target.asShortBuffer().put(shorts, first, elements);
    } else {
      target.put((byte[]) array, first, elements);
    }
  }

  /** Copies memory of {@code count} bytes to byte {@code to} of the piece and on. */
  void write(long to, ByteBuffer memory, int at, int count) {
    ByteBuffer source = memory.slice(at, count).order(ByteOrder.nativeOrder());
    int first = start + (int) (to / elementBytes);
    int elements = count / elementBytes;
    if (array instanceof float[] floats) {
      source.asFloatBuffer().get(floats, first, elements);
    } else if (array instanceof double[] doubles) {
      source.asDoubleBuffer().get(doubles, first, elements);
    } else if (array instanceof int[] ints) {
      source.asIntBuffer().get(ints, first, elements);
    } else if (array instanceof long[] longs) {
      source.asLongBuffer().get(longs, first, elements);
    } else if (array instanceof short[] shorts) {
      source.asShortBuffer().get(shorts, first, elements);
    } else {
      source.get((byte[]) array, first, elements);
    }
  }
}
