package dev.quern.cuda;

import dev.quern.kernels.Grid;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Starts kernels. A kernel's one parameter, a structure, is put together in memory whose address
 * never changes, behind a word that holds that address: the list of parameters that the driver asks
 * for. A launch so makes no objects and converts none.
 */
final class Launches implements AutoCloseable {
  /** The most that the driver takes. */
  private static final int PARAMETER_BYTES = 32764;

  private static final int HEADER = 1;

  private final CudaDevice device;
  private final Context context;
  private final CUstream stream;
  private final HostMemory memory;
  private final LongBuffer words;
  private final Pointer parameters;
  // Up to where a launch has written.
  private int written = HEADER;
  private final CUevent start = new CUevent();
  private final CUevent end = new CUevent();

  Launches(CudaDevice device, Context context, CUstream stream) {
    this.device = device;
    this.context = context;
    this.stream = stream;
    memory = new HostMemory(context, 8 * HEADER + PARAMETER_BYTES);
    words = memory.bytes().order(ByteOrder.nativeOrder()).asLongBuffer();
    words.put(0, memory.address() + 8 * HEADER);
    parameters = new HostMemory.Address(memory.address());
    try {
      JCudaDriver.cuEventCreate(start, CUevent_flags.CU_EVENT_DEFAULT);
      JCudaDriver.cuEventCreate(end, CUevent_flags.CU_EVENT_DEFAULT);
    } catch (CudaException e) {
      memory.close();
      throw context.failed("cuEventCreate", e);
    }
  }

  /** Puts a kernel into the queue; the blocks are live ones of this driver. */
  synchronized void launch(CudaKernel kernel, Grid grid, CudaBlock[] blocks, long[] own) {
    fill(kernel, blocks, own);
    try {
      share(kernel, grid);
      JCudaDriver.cuLaunchKernel(
          kernel.function,
          (int) grid.groupsX(),
          (int) grid.groupsY(),
          (int) grid.groupsZ(),
          grid.sizeX(),
          grid.sizeY(),
          1,
          grid.localBytes(),
          stream,
          parameters,
          null);
    } catch (CudaException e) {
      throw context.failed("cuLaunchKernel: " + kernel.name() + " " + grid, e);
    }
    context.launched(kernel.name());
  }

  /** Does the same, waits for the kernel, and returns its time in nanoseconds. */
  synchronized long time(CudaKernel kernel, Grid grid, CudaBlock[] blocks, long[] own) {
    try {
      JCudaDriver.cuEventRecord(start, stream);
      launch(kernel, grid, blocks, own);
      JCudaDriver.cuEventRecord(end, stream);
      JCudaDriver.cuEventSynchronize(end);
      float[] milliseconds = new float[1];
      JCudaDriver.cuEventElapsedTime(milliseconds, start, end);
      return Math.round(milliseconds[0] * 1e6);
    } catch (CudaException e) {
      throw context.failed("cuEventSynchronize: " + kernel.name() + " " + grid, e);
    }
  }

  private void fill(CudaKernel kernel, CudaBlock[] blocks, long[] own) {
    int count = blocks.length + own.length;
    if (8L * count > kernel.parameterBytes()) {
      throw new IllegalArgumentException(
          "launch: "
              + kernel.name()
              + " takes "
              + kernel.parameterBytes()
              + " bytes, not "
              + blocks.length
              + " blocks and "
              + own.length
              + " words");
    }
    int at = HEADER;
    for (CudaBlock block : blocks) {
      words.put(at++, block.address);
    }
    words.put(at, own);
    at += own.length;
    // What this launch leaves open must not depend on the one before.
    for (int i = at; i < written; i++) {
      words.put(i, 0);
    }
    written = at;
  }

  // More shared memory than usual must be asked for once.
  private void share(CudaKernel kernel, Grid grid) {
    if (grid.localBytes() <= kernel.dynamicBytes()) {
      return;
    }
    long most = device.traits().localBytes() - kernel.sharedBytes();
    if (grid.localBytes() > most) {
      throw new IllegalArgumentException(
          "launch: "
              + kernel.name()
              + ": a group cannot share "
              + grid.localBytes()
              + " bytes, at most "
              + most
              + " on "
              + device.info().id());
    }
    JCudaDriver.cuFuncSetAttribute(
        kernel.function,
        CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
        grid.localBytes());
    kernel.setDynamicBytes(grid.localBytes());
  }

  @Override
  public synchronized void close() {
    JCudaDriver.cuEventDestroy(start);
    JCudaDriver.cuEventDestroy(end);
    memory.close();
  }
}
