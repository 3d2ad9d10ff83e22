package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Buffer;
import dev.quern.spi.View;

/** Elements in a block of a pool, which gets it back once. */
final class GpuBuffer implements Buffer {
  private final DType dtype;
  private final long size;
  private final Block block;
  private final BlockPool pool;
  private boolean closed;

  GpuBuffer(DType dtype, long size, Block block, BlockPool pool) {
    this.dtype = dtype;
    this.size = size;
    this.block = block;
    this.pool = pool;
  }

  static Block block(Buffer buffer) {
    return ((GpuBuffer) buffer).block;
  }

  static Block block(View view) {
    return block(view.buffer());
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
  public synchronized void close() {
    if (!closed) {
      closed = true;
      pool.give(block);
    }
  }
}
