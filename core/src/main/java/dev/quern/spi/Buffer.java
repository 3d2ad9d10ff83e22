package dev.quern.spi;

import dev.quern.DType;

/** A run of elements of one type in a device's memory. */
public interface Buffer extends AutoCloseable {
  /** Returns the element type. */
  DType dtype();

  /** Returns the number of elements. */
  long size();

  /**
   * Gives the memory back to the device. Work already handed to the device may still use it: a
   * backend whose queue is in order may reuse the memory for work handed over later.
   */
  @Override
  void close();
}
