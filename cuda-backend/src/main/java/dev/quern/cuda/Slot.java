package dev.quern.cuda;

import jcuda.CudaException;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * A piece of pinned memory that transfers go through.
 *
 * @param memory the piece
 * @param used when the device is done with it
 */
record Slot(HostMemory memory, CUevent used) implements AutoCloseable {
  /** Long enough that the calls for a piece cost little beside its copy. */
  static final int BYTES = 1 << 20;

  /** How many there are for each direction. */
  static final int COUNT = 4;

  static Slot create(Context context) {
    HostMemory memory = new HostMemory(context, BYTES);
    CUevent used = new CUevent();
    try {
      JCudaDriver.cuEventCreate(used, CUevent_flags.CU_EVENT_DISABLE_TIMING);
    } catch (CudaException e) {
      memory.close();
      throw context.failed("cuEventCreate", e);
    }
    return new Slot(memory, used);
  }

  @Override
  public void close() {
    JCudaDriver.cuEventDestroy(used);
    memory.close();
  }
}
