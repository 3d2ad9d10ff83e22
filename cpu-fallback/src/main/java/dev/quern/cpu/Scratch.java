package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.View;

/** Pooled memory for the time of one operation. */
final class Scratch implements AutoCloseable {
  /** From so many bytes on it pays to keep vectors within lines. */
  private static final int MANY_BYTES = 1 << 15;

  private final CpuBuffer buffer;
  private final int start;

  /** Takes an array of at least {@code size} elements. */
  Scratch(ArrayPool pool, DType dtype, long size) {
    this(pool, dtype, size, 0);
  }

  private Scratch(ArrayPool pool, DType dtype, long size, int start) {
    buffer = new CpuBuffer(dtype, size, pool.take(dtype, size), pool);
    this.start = start;
  }

  /**
   * Takes an array of at least {@code size} elements from {@link #start} on, where a line of the
   * cache begins if they are many; see {@link Lines}.
   */
  static Scratch inLines(ArrayPool pool, DType dtype, long size) {
    int bytes = dtype.bytes();
    if (size * bytes < MANY_BYTES) {
      return new Scratch(pool, dtype, size);
    }
    int start = Lines.BYTES / bytes - Lines.before(0, bytes);
    return new Scratch(pool, dtype, Math.max(start + size, Lines.OWN_REGION / bytes), start);
  }

  /** Returns the index of the first element. */
  int start() {
    return start;
  }

  /** Returns the array. */
  Object array() {
    return buffer.array();
  }

  /** Returns a contiguous view from {@link #start} on. */
  View view(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape[i];
    }
    return new View(buffer, shape, strides, start);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
