package dev.quern.opencl;

import dev.quern.BackendException;
import dev.quern.kernels.Block;
import dev.quern.kernels.Counters;
import dev.quern.kernels.Driver;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.Run;
import dev.quern.kernels.Traits;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** An open OpenCL device with one queue that works in order. */
final class OpenClDriver implements Driver {
  private final ClDevice device;
  private final String id;
  private final cl_context context;
  private final Programs programs;
  private final Map<KernelKey, OpenClKernel> kernels = new ConcurrentHashMap<>();
  private final Set<OpenClBlock> blocks = ConcurrentHashMap.newKeySet();
  private final AtomicLong used = new AtomicLong();
  private final LongAdder allocations = new LongAdder();
  private final LongAdder uploads = new LongAdder();
  private final LongAdder downloads = new LongAdder();
  private final LongAdder launches = new LongAdder();
  // Calls hold "using" so that none of them meets a queue that close or profile has released.
  private final Lock using;
  private final Lock changing;
  private cl_command_queue queue;
  private @Nullable Consumer<Run> listener;
  private boolean closed;

  /** Opens a device. */
  OpenClDriver(ClDevice device) {
    this.device = device;
    id = device.info().id();
    ReadWriteLock lock = new ReentrantReadWriteLock();
    using = lock.readLock();
    changing = lock.writeLock();
    try {
      cl_context_properties properties = new cl_context_properties();
      properties.addProperty(CL.CL_CONTEXT_PLATFORM, device.platform());
      cl_device_id[] handles = {device.handle()};
      context = CL.clCreateContext(properties, 1, handles, null, null, null);
    } catch (CLException e) {
      throw Call.failed("clCreateContext", id, e);
    }
    try {
      queue = createQueue(false);
    } catch (BackendException e) {
      CL.clReleaseContext(context);
      throw e;
    }
    programs = new Programs(device, context);
  }

  // The later call with a list of properties is missing in drivers for OpenCL 1.2.
  @SuppressWarnings("deprecation")
  private cl_command_queue createQueue(boolean profiling) {
    try {
      long properties = profiling ? CL.CL_QUEUE_PROFILING_ENABLE : 0;
      return CL.clCreateCommandQueue(context, device.handle(), properties, null);
    } catch (CLException e) {
      throw Call.failed("clCreateCommandQueue", id, e);
    }
  }

  @Override
  public DeviceInfo info() {
    return device.info();
  }

  @Override
  public Traits traits() {
    return device.traits();
  }

  @Override
  public Counters counters() {
    return new Counters(allocations.sum(), uploads.sum(), downloads.sum(), launches.sum());
  }

  /** Returns how many programs were compiled from source, not taken from the cache on disk. */
  int compiled() {
    return programs.compiled();
  }

  @Override
  public Block allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("allocate: negative size: " + bytes);
    }
    enter();
    try {
      // No buffer of OpenCL is empty.
      long size = Math.max(bytes, 1);
      if (size > device.traits().maxBlockBytes()) {
        throw new OutOfDeviceMemoryException(
            facts() + ", a block at most " + device.traits().maxBlockBytes());
      }
      if (used.addAndGet(size) > device.memory()) {
        used.addAndGet(-size);
        throw new OutOfDeviceMemoryException(facts());
      }
      cl_mem memory;
      try {
        memory = create(size);
      } catch (CLException e) {
        used.addAndGet(-size);
        if (isOutOfMemory(e)) {
          throw new OutOfDeviceMemoryException(facts() + ": " + Call.code(e));
        }
        throw Call.failed("clCreateBuffer: " + size + " bytes", id, e);
      }
      OpenClBlock block = new OpenClBlock(this, memory, bytes);
      blocks.add(block);
      allocations.increment();
      return block;
    } finally {
      using.unlock();
    }
  }

  private cl_mem create(long size) {
    cl_mem memory = CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, size, null, null);
    try {
      // Drivers may put the allocation off until the first use: this is one, and fails here.
      CL.clEnqueueMigrateMemObjects(
          queue,
          1,
          new cl_mem[] {memory},
          CL.CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED,
          0,
          null,
          null);
      return memory;
    } catch (CLException e) {
      CL.clReleaseMemObject(memory);
      throw e;
    }
  }

  private static boolean isOutOfMemory(CLException e) {
    return switch (e.getStatus()) {
      case CL.CL_MEM_OBJECT_ALLOCATION_FAILURE,
          CL.CL_OUT_OF_RESOURCES,
          CL.CL_OUT_OF_HOST_MEMORY,
          CL.CL_INVALID_BUFFER_SIZE ->
          true;
      default -> false;
    };
  }

  private String facts() {
    long free = Math.max(0, device.memory() - used.get());
    return "free " + free + " of " + device.memory() + " bytes";
  }

  @Override
  public void free(Block block) {
    using.lock();
    try {
      // Closing the driver has freed all blocks already.
      if (!closed && blocks.remove(block)) {
        used.addAndGet(-Math.max(block.bytes(), 1));
        CL.clReleaseMemObject(((OpenClBlock) block).memory);
      }
    } catch (CLException e) {
      throw Call.failed("clReleaseMemObject", id, e);
    } finally {
      using.unlock();
    }
  }

  @Override
  public void upload(Object array, int start, Block target, long byteOffset, int count) {
    enter();
    try {
      HostArray host = HostArray.of("upload", array, start, count);
      OpenClBlock block = block("upload", target, byteOffset, host.bytes());
      if (host.bytes() == 0) {
        return;
      }
      // The copy keeps the garbage collector out: it must not wait for kernels as well.
      finish();
      CL.clEnqueueWriteBuffer(
          queue, block.memory, true, byteOffset, host.bytes(), host.pointer(), 0, null, null);
      uploads.increment();
    } catch (CLException e) {
      throw Call.failed("clEnqueueWriteBuffer: " + count + " elements", id, e);
    } finally {
      using.unlock();
    }
  }

  @Override
  public void download(Block source, long byteOffset, Object array, int start, int count) {
    enter();
    try {
      HostArray host = HostArray.of("download", array, start, count);
      OpenClBlock block = block("download", source, byteOffset, host.bytes());
      if (host.bytes() == 0) {
        return;
      }
      finish();
      CL.clEnqueueReadBuffer(
          queue, block.memory, true, byteOffset, host.bytes(), host.pointer(), 0, null, null);
      downloads.increment();
    } catch (CLException e) {
      throw Call.failed("clEnqueueReadBuffer: " + count + " elements", id, e);
    } finally {
      using.unlock();
    }
  }

  // Beyond its end a block may be anybody's memory: the driver need not notice.
  private OpenClBlock block(String call, Block block, long byteOffset, long bytes) {
    if (byteOffset < 0 || byteOffset > block.bytes() - bytes) {
      throw new IllegalArgumentException(
          call
              + ": beyond the block: "
              + bytes
              + " bytes from "
              + byteOffset
              + " on of "
              + block.bytes());
    }
    return live(call, block);
  }

  private OpenClBlock live(String call, Block block) {
    if (!(block instanceof OpenClBlock own) || own.driver != this || !blocks.contains(own)) {
      throw new IllegalStateException(call + ": the block is freed or not of " + id);
    }
    return own;
  }

  @Override
  public Kernel kernel(KernelKey key) {
    enter();
    try {
      return kernels.computeIfAbsent(
          key, absent -> new OpenClKernel(this, programs.kernel(absent), absent.entry()));
    } finally {
      using.unlock();
    }
  }

  @Override
  public void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters) {
    if (!(kernel instanceof OpenClKernel own) || own.driver != this) {
      throw new IllegalArgumentException("launch: " + kernel.name() + " is not of " + id);
    }
    enter();
    try {
      long groups = grid.groupsX() * grid.groupsY() * grid.groupsZ();
      if (groups == 0) {
        return;
      }
      Consumer<Run> told = listener;
      cl_event event = told == null ? null : new cl_event();
      enqueue(own, grid, blocks, parameters, event);
      launches.increment();
      if (told != null && event != null) {
        told.accept(new Run(own.name(), grid, nanoseconds(event)));
      }
    } finally {
      using.unlock();
    }
  }

  private void enqueue(
      OpenClKernel kernel,
      Grid grid,
      Block[] arguments,
      long[] parameters,
      @Nullable cl_event event) {
    boolean oneAxis = grid.groupsY() == 1 && grid.groupsZ() == 1 && grid.sizeY() == 1;
    long[] local = {grid.sizeX(), grid.sizeY(), 1};
    long[] global = {grid.groupsX() * grid.sizeX(), grid.groupsY() * grid.sizeY(), grid.groupsZ()};
    synchronized (kernel) {
      setArguments(kernel, arguments, parameters);
      try {
        CL.clEnqueueNDRangeKernel(
            queue, kernel.handle, oneAxis ? 1 : 3, null, global, local, 0, null, event);
      } catch (CLException e) {
        throw Call.failed("clEnqueueNDRangeKernel: " + kernel.name() + " " + grid, id, e);
      }
    }
  }

  private void setArguments(OpenClKernel kernel, Block[] arguments, long[] parameters) {
    int index = 0;
    try {
      for (Block argument : arguments) {
        Pointer pointer = live("launch", argument).argument;
        CL.clSetKernelArg(kernel.handle, index++, Sizeof.cl_mem, pointer);
      }
      if (parameters.length > 0) {
        Pointer pointer = kernel.parameters(parameters);
        CL.clSetKernelArg(kernel.handle, index++, 8L * parameters.length, pointer);
      }
    } catch (CLException e) {
      String argument = " argument " + (index - 1) + " of " + arguments.length + " blocks and ";
      throw Call.failed(
          "clSetKernelArg: " + kernel.name() + argument + parameters.length + " words", id, e);
    }
  }

  private long nanoseconds(cl_event event) {
    try {
      CL.clWaitForEvents(1, new cl_event[] {event});
      long[] start = new long[1];
      long[] end = new long[1];
      CL.clGetEventProfilingInfo(
          event, CL.CL_PROFILING_COMMAND_START, Sizeof.cl_ulong, Pointer.to(start), null);
      CL.clGetEventProfilingInfo(
          event, CL.CL_PROFILING_COMMAND_END, Sizeof.cl_ulong, Pointer.to(end), null);
      return end[0] - start[0];
    } catch (CLException e) {
      throw Call.failed("clGetEventProfilingInfo", id, e);
    } finally {
      CL.clReleaseEvent(event);
    }
  }

  @Override
  public void synchronize() {
    enter();
    try {
      finish();
    } finally {
      using.unlock();
    }
  }

  private void finish() {
    try {
      CL.clFinish(queue);
    } catch (CLException e) {
      throw Call.failed("clFinish", id, e);
    }
  }

  @Override
  public void profile(@Nullable Consumer<Run> listener) {
    changing.lock();
    try {
      requireOpen();
      if ((listener == null) != (this.listener == null)) {
        finish();
        cl_command_queue before = queue;
        queue = createQueue(listener != null);
        CL.clReleaseCommandQueue(before);
      }
      this.listener = listener;
    } finally {
      changing.unlock();
    }
  }

  @Override
  public void close() {
    changing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      blocks.forEach(block -> CL.clReleaseMemObject(block.memory));
      blocks.clear();
      kernels.values().forEach(kernel -> CL.clReleaseKernel(kernel.handle));
      kernels.clear();
      programs.close();
      // Waits for what is in the queue, which holds its blocks and kernels until then.
      CL.clFinish(queue);
      CL.clReleaseCommandQueue(queue);
      CL.clReleaseContext(context);
    } catch (CLException e) {
      throw Call.failed("close", id, e);
    } finally {
      changing.unlock();
    }
  }

  private void enter() {
    using.lock();
    if (closed) {
      using.unlock();
      requireOpen();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(id + " is closed");
    }
  }
}
