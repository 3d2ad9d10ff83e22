package dev.quern.cuda;

import dev.quern.kernels.Block;

/** Memory of one driver. */
final class CudaBlock implements Block {
  final CudaDriver driver;
  final DevicePointer memory;
  final long address;
  private final long bytes;
  private volatile boolean freed;

  CudaBlock(CudaDriver driver, DevicePointer memory, long bytes) {
    this.driver = driver;
    this.memory = memory;
    this.bytes = bytes;
    address = memory.address();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  boolean freed() {
    return freed;
  }

  void setFreed() {
    freed = true;
  }
}
