package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.View;

/** Pooled memory for the time of one operation. */
final class Scratch implements AutoCloseable {
  private final CpuBuffer buffer;

  /** Takes an array of at least {@code size} elements. */
  Scratch(ArrayPool pool, DType dtype, long size) {
    buffer = new CpuBuffer(dtype, size, pool.take(dtype, size), pool);
  }

  /** Returns the array. */
  Object array() {
    return buffer.array();
  }

  /** Returns a contiguous view from the array's start on. */
  View view(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape[i];
    }
    return new View(buffer, shape, strides, 0);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
