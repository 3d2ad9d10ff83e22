package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Buffer;
import dev.quern.spi.View;
import org.jspecify.annotations.Nullable;

/** A Java array, pooled or the caller's own. */
final class CpuBuffer implements Buffer {
  private final DType dtype;
  private final long size;
  private final @Nullable ArrayPool pool;
  private @Nullable Object array;

  /** Creates a buffer whose array goes back to {@code pool}, or to nobody, when it is closed. */
  CpuBuffer(DType dtype, long size, Object array, @Nullable ArrayPool pool) {
    this.dtype = dtype;
    this.size = size;
    this.array = array;
    this.pool = pool;
  }

  /** Returns the array that a view's elements lie in. */
  static Object array(View view) {
    return ((CpuBuffer) view.buffer()).array();
  }

  /** Returns the array, which may be longer than the buffer. */
  Object array() {
    Object open = array;
    if (open == null) {
      throw new IllegalStateException("cpu: buffer is closed: " + dtype + " x " + size);
    }
    return open;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void close() {
    Object open;
    synchronized (this) {
      open = array;
      array = null;
    }
    if (open != null && pool != null) {
      pool.give(dtype, open);
    }
  }
}
