package dev.quern.kernels;

import dev.quern.spi.DeviceInfo;

/**
 * One open GPU as the launcher sees it: memory, compiled kernels and one queue that works in order.
 * Methods may be called from several threads at once. A driver's error becomes a {@link
 * dev.quern.BackendException} that names the call, the code and the device.
 */
public interface Driver extends AutoCloseable {
  /** Returns what device this is. */
  DeviceInfo info();

  /** Returns the facts that decide which kernels are picked. */
  Traits traits();

  /**
   * Allocates memory with arbitrary content.
   *
   * @throws dev.quern.spi.OutOfDeviceMemoryException if there is not enough
   */
  Block allocate(long bytes);

  /** Gives memory back; work already in the queue still uses it. */
  void free(Block block);

  /**
   * Copies from a Java array of primitives; the array may change once this returns.
   *
   * @param byteOffset where in the block the first element goes
   */
  void upload(Object array, int start, Block target, long byteOffset, int count);

  /** Copies to a Java array of primitives, after all work in the queue. */
  void download(Block source, long byteOffset, Object array, int start, int count);

  /** Returns a kernel ready to start, compiled the first time. */
  Kernel kernel(KernelKey key);

  /**
   * Puts a kernel into the queue.
   *
   * @param blocks its pointer arguments, which come first
   * @param parameters the words of the one structure that follows them
   */
  void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters);

  /** Waits for all work in the queue and reports what failed in it. */
  void synchronize();

  @Override
  void close();
}
