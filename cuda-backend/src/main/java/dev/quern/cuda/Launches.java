package dev.quern.cuda;

import dev.quern.kernels.Grid;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
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
    launch(kernel, grid, blocks, own, stream);
    context.launched(kernel.name());
  }

  private void launch(
      CudaKernel kernel, Grid grid, CudaBlock[] blocks, long[] own, CUstream queue) {
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
          queue,
          parameters,
          null);
    } catch (CudaException e) {
      throw context.failed("cuLaunchKernel: " + kernel.name() + " " + grid, e);
    }
  }

  /**
   * Makes launches into one that starts them all in their order. They go to a stream of their own
   * that takes them down instead of working, so that other threads can go on with the driver's.
   */
  synchronized CUgraphExec graph(List<Checked> checked) {
    CUstream recorder = new CUstream();
    CUgraph graph = new CUgraph();
    CUgraphExec executable = new CUgraphExec();
    String call = "cuStreamCreate";
    try {
      JCudaDriver.cuStreamCreate(recorder, CUstream_flags.CU_STREAM_NON_BLOCKING);
      try {
        call = "cuStreamBeginCapture";
        JCudaDriver.cuStreamBeginCapture(
            recorder, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED);
        try {
          for (Checked launch : checked) {
            launch(launch.kernel(), launch.grid(), launch.blocks(), launch.own(), recorder);
          }
        } finally {
          call = "cuStreamEndCapture";
          JCudaDriver.cuStreamEndCapture(recorder, graph);
        }
        try {
          call = "cuGraphInstantiate";
          JCudaDriver.cuGraphInstantiate(executable, graph, 0);
        } finally {
          JCudaDriver.cuGraphDestroy(graph);
        }
      } finally {
        JCudaDriver.cuStreamDestroy(recorder);
      }
    } catch (CudaException e) {
      throw context.failed(call + ": " + checked.size() + " kernels", e);
    }
    return executable;
  }

  /** Puts a graph into the queue. */
  void launch(LaunchGraph graph) {
    try {
      JCudaDriver.cuGraphLaunch(graph.executable, stream);
    } catch (CudaException e) {
      throw context.failed("cuGraphLaunch: " + graph.name(), e);
    }
    context.launched(graph.name());
  }

  /** A launch of a kernel and live blocks of this driver. */
  record Checked(CudaKernel kernel, Grid grid, CudaBlock[] blocks, long[] own) {}

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
