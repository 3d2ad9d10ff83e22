package dev.quern.opencl;

import dev.quern.kernels.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.jocl.Pointer;
import org.jocl.cl_kernel;

/**
 * A kernel of one driver. Its arguments are set one by one before it is enqueued: whoever does that
 * holds its monitor.
 */
final class OpenClKernel implements Kernel {
  // Most kernels take fewer words; those that take more make room.
  private static final int WORDS = 64;

  final OpenClDriver driver;
  final cl_kernel handle;
  private final String name;
  private LongBuffer words = words(WORDS);
  private Pointer pointer = Pointer.to(words);

  OpenClKernel(OpenClDriver driver, cl_kernel handle, String name) {
    this.driver = driver;
    this.handle = handle;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns a pointer to a copy of the parameters, good until the next call. */
  Pointer parameters(long[] parameters) {
    if (parameters.length > words.capacity()) {
      words = words(parameters.length);
      pointer = Pointer.to(words);
    }
    words.put(0, parameters);
    return pointer;
  }

  private static LongBuffer words(int count) {
    return ByteBuffer.allocateDirect(8 * count).order(ByteOrder.nativeOrder()).asLongBuffer();
  }
}
