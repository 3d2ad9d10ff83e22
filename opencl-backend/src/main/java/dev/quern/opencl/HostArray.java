package dev.quern.opencl;

import org.jocl.Pointer;

/**
 * A piece of a Java array that takes part in a copy.
 *
 * @param pointer where it starts
 * @param bytes how long it is
 */
record HostArray(Pointer pointer, long bytes) {
  /** Returns {@code count} elements from {@code start} on, checked. */
  static HostArray of(String call, Object array, int start, int count) {
    if (array instanceof float[] floats) {
      return of(call, Pointer.to(floats), floats.length, Float.BYTES, start, count);
    }
    if (array instanceof double[] doubles) {
      return of(call, Pointer.to(doubles), doubles.length, Double.BYTES, start, count);
    }
    if (array instanceof int[] ints) {
      return of(call, Pointer.to(ints), ints.length, Integer.BYTES, start, count);
    }
    if (array instanceof long[] longs) {
      return of(call, Pointer.to(longs), longs.length, Long.BYTES, start, count);
    }
    if (array instanceof short[] shorts) {
      return of(call, Pointer.to(shorts), shorts.length, Short.BYTES, start, count);
    }
    if (array instanceof byte[] bytes) {
      return of(call, Pointer.to(bytes), bytes.length, Byte.BYTES, start, count);
    }
    throw new IllegalArgumentException(
        call + ": not an array of numbers: " + array.getClass().getSimpleName());
  }

  private static HostArray of(
      String call, Pointer pointer, int length, int size, int start, int count) {
    if (start < 0 || count < 0 || count > length - start) {
      throw new IllegalArgumentException(
          call + ": beyond the array: " + count + " elements from " + start + " on of " + length);
    }
    return new HostArray(pointer.withByteOffset((long) start * size), (long) count * size);
  }
}
