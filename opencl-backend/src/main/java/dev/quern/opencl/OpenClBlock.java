package dev.quern.opencl;

import dev.quern.kernels.Block;
import org.jocl.Pointer;
import org.jocl.cl_mem;

/** Memory of one driver, with the pointer that makes it an argument of a kernel. */
final class OpenClBlock implements Block {
  final OpenClDriver driver;
  final cl_mem memory;
  final Pointer argument;
  private final long bytes;

  OpenClBlock(OpenClDriver driver, cl_mem memory, long bytes) {
    this.driver = driver;
    this.memory = memory;
    this.bytes = bytes;
    argument = Pointer.to(memory);
  }

  @Override
  public long bytes() {
    return bytes;
  }
}
