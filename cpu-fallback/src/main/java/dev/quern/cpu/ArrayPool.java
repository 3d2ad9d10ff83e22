package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Keeps arrays for reuse, since the virtual machine's zeroing of a new one costs more than most
 * operations that fill it. Arrays are longer than asked for by at most a quarter, or up to the next
 * power of two where short; their content is arbitrary.
 */
final class ArrayPool {
  /** The longest array that every virtual machine allows. */
  static final long MAX_LENGTH = Integer.MAX_VALUE - 8;

  private static final int MIN_LENGTH = 16;
  private static final int SHORT = 1024;
  private static final int CLASSES = 4 * 32;

  private final ArrayDeque<Object>[] free;
  private final long maxCached;
  private long cached;

  /** Creates a pool that keeps at most {@code maxCached} bytes. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types.
  ArrayPool(long maxCached) {
    this.maxCached = maxCached;
    free = new ArrayDeque[DType.values().length * CLASSES];
  }

  /**
   * Returns an array of at least {@code size} elements.
   *
   * @throws IllegalArgumentException if no Java array is that long
   * @throws OutOfDeviceMemoryException if the virtual machine has no memory left
   */
  Object take(DType dtype, long size) {
    if (size > MAX_LENGTH) {
      throw new IllegalArgumentException("cpu: " + size + " elements exceed one Java array");
    }
    int length = lengthFor(size);
    synchronized (this) {
      ArrayDeque<Object> queue = free[index(dtype, length)];
      if (queue != null) {
        Object array = queue.pollLast();
        if (array != null) {
          cached -= bytes(dtype, length);
          return array;
        }
      }
    }
    try {
      return HostArrays.create(dtype, length);
    } catch (OutOfMemoryError e) {
      Runtime vm = Runtime.getRuntime();
      throw new OutOfDeviceMemoryException(
          "free "
              + (vm.maxMemory() - vm.totalMemory() + vm.freeMemory())
              + " of "
              + vm.maxMemory()
              + " bytes of Java heap, cached "
              + cachedBytes());
    }
  }

  /** Takes back an array that {@link #take} returned and nobody uses any more. */
  void give(DType dtype, Object array) {
    int length = java.lang.reflect.Array.getLength(array);
    long bytes = bytes(dtype, length);
    synchronized (this) {
      if (cached + bytes > maxCached) {
        return;
      }
      int index = index(dtype, length);
      ArrayDeque<Object> queue = free[index];
      if (queue == null) {
        queue = new ArrayDeque<>();
        free[index] = queue;
      }
      queue.addLast(array);
      cached += bytes;
    }
  }

  /** Leaves all cached arrays to the garbage collector. */
  synchronized void trim() {
    for (@Nullable ArrayDeque<Object> queue : free) {
      if (queue != null) {
        queue.clear();
      }
    }
    cached = 0;
  }

  /** Returns how many bytes are kept for reuse. */
  synchronized long cachedBytes() {
    return cached;
  }

  private static long bytes(DType dtype, int length) {
    return (long) length * dtype.bytes();
  }

  /** Returns the length of the arrays that serve a request for {@code size} elements. */
  static int lengthFor(long size) {
    if (size <= MIN_LENGTH) {
      return MIN_LENGTH;
    }
    int log = 63 - Long.numberOfLeadingZeros(size - 1);
    // Four classes between powers of two, one for short arrays.
    long step = size <= SHORT ? 1L << log : Math.max(1, 1L << (log - 2));
    return (int) Math.min(MAX_LENGTH, (size + step - 1) / step * step);
  }

  private static int index(DType dtype, int length) {
    int log = 31 - Integer.numberOfLeadingZeros(length);
    int quarter = length >>> (log - 2) & 3;
    // The longest arrays of all are no multiple of their step.
    int index = length == MAX_LENGTH ? CLASSES - 1 : 4 * log + quarter;
    return dtype.ordinal() * CLASSES + index;
  }
}
