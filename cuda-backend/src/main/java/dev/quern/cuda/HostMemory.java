package dev.quern.cuda;

import java.nio.ByteBuffer;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Memory of the host that the device reads and writes by itself, while the host goes on. */
final class HostMemory implements AutoCloseable {
  private final Address pointer = new Address();
  private final ByteBuffer bytes;

  /** Allocates so many bytes. */
  HostMemory(Context context, int size) {
    try {
      JCudaDriver.cuMemHostAlloc(pointer, size, 0);
    } catch (CudaException e) {
      throw context.failed("cuMemHostAlloc: " + size + " bytes", e);
    }
    bytes = pointer.getByteBuffer(0, size);
  }

  /** Returns the memory as Java sees it. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns where it is. */
  long address() {
    return pointer.address();
  }

  /** Returns a pointer into it. */
  Pointer at(long offset) {
    return pointer.withByteOffset(offset);
  }

  /** Frees the memory, which nothing uses any more. */
  @Override
  public void close() {
    JCudaDriver.cuMemFreeHost(pointer);
  }

  /** An address of the host, which the binding's pointers hide. */
  static final class Address extends Pointer {
    Address() {}

    Address(long address) {
      super(address);
    }

    long address() {
      return getNativePointer();
    }
  }
}
