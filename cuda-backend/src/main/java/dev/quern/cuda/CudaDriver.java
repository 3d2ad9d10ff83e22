package dev.quern.cuda;

import dev.quern.BackendException;
import dev.quern.kernels.Block;
import dev.quern.kernels.Counters;
import dev.quern.kernels.Driver;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.Launch;
import dev.quern.kernels.Run;
import dev.quern.kernels.Traits;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.OutOfDeviceMemoryException;
import dev.quern.spi.Replay;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** An open CUDA device with one stream, which works in order. */
final class CudaDriver implements Driver {
  private static final Logger LOGGER = System.getLogger("dev.quern.cuda");
  private static final long MAX_GROUPS_X = Integer.MAX_VALUE;
  private static final long MAX_GROUPS_YZ = 65535;

  private final CudaDevice device;
  private final String id;
  private final Context context;
  private final CUstream stream = new CUstream();
  private final Modules modules;
  private final Uploads uploads;
  private final Downloads downloads;
  private final Launches launches;
  private final Map<KernelKey, CudaKernel> kernels = new ConcurrentHashMap<>();
  private final Set<CudaBlock> blocks = ConcurrentHashMap.newKeySet();
  private final Set<LaunchGraph> graphs = ConcurrentHashMap.newKeySet();
  private final AtomicLong used = new AtomicLong();
  private final LongAdder allocated = new LongAdder();
  private final LongAdder uploaded = new LongAdder();
  private final LongAdder downloaded = new LongAdder();
  private final LongAdder launched = new LongAdder();
  // Calls hold "using" so that none of them meets what close has destroyed.
  private final Lock using;
  private final Lock changing;
  private @Nullable Consumer<Run> listener;
  private boolean closed;

  /** Opens a device. */
  CudaDriver(CudaDevice device) {
    this.device = device;
    id = device.info().id();
    ReadWriteLock lock = new ReentrantReadWriteLock();
    using = lock.readLock();
    changing = lock.writeLock();
    context = new Context(device);
    try {
      createStream();
      launches = createLaunches();
    } catch (BackendException e) {
      context.release();
      throw e;
    }
    modules = new Modules(this, device, context);
    uploads = new Uploads(context, stream);
    downloads = new Downloads(context, stream);
  }

  private void createStream() {
    context.makeCurrent();
    try {
      // Not to wait for what others in the process do on the default stream.
      JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING);
    } catch (CudaException e) {
      throw context.failed("cuStreamCreate", e);
    }
  }

  private Launches createLaunches() {
    try {
      return new Launches(device, context, stream);
    } catch (BackendException e) {
      // Others may hold the context too: it does not take the stream with it.
      if (!context.isLost()) {
        JCudaDriver.cuStreamDestroy(stream);
      }
      throw e;
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
    return new Counters(allocated.sum(), uploaded.sum(), downloaded.sum(), launched.sum());
  }

  @Override
  public Block allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("allocate: negative size: " + bytes);
    }
    enter();
    try {
      // No allocation of CUDA is empty.
      long size = Math.max(bytes, 1);
      if (used.addAndGet(size) > device.memory()) {
        used.addAndGet(-size);
        throw new OutOfDeviceMemoryException(facts(device.memory() - used.get()));
      }
      DevicePointer memory = new DevicePointer();
      try {
        JCudaDriver.cuMemAlloc(memory, size);
      } catch (CudaException e) {
        used.addAndGet(-size);
        if (Call.code(e) == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
          throw new OutOfDeviceMemoryException(facts(free()) + ": " + Call.describe(e));
        }
        throw context.failed("cuMemAlloc: " + size + " bytes", e);
      }
      CudaBlock block = new CudaBlock(this, memory, bytes);
      blocks.add(block);
      allocated.increment();
      return block;
    } finally {
      using.unlock();
    }
  }

  // Others may use the device too: what the driver says counts.
  private long free() {
    long[] free = new long[1];
    try {
      JCudaDriver.cuMemGetInfo(free, new long[1]);
    } catch (CudaException e) {
      throw context.failed("cuMemGetInfo", e);
    }
    return Math.min(free[0], device.memory() - used.get());
  }

  private String facts(long free) {
    return "free " + Math.max(0, free) + " of " + device.memory() + " bytes";
  }

  // The driver does not promise that freeing waits for a stream like ours, so this does; the pool
  // keeps blocks for reuse, and what it gives back it gives back in one go, of which only the first
  // waits. Memory freed in the stream's order would stay with CUDA's own pool instead of the
  // device.
  @Override
  public void free(Block block) {
    using.lock();
    try {
      // Closing the driver has freed all blocks already.
      if (closed || !(block instanceof CudaBlock own) || !blocks.remove(own)) {
        return;
      }
      own.setFreed();
      used.addAndGet(-Math.max(own.bytes(), 1));
      if (!context.isLost()) {
        release(own);
      }
    } catch (BackendException e) {
      // What a kernel has broken is for the next call to report: who frees did not ask.
      if (!context.isLost()) {
        throw e;
      }
    } finally {
      using.unlock();
    }
  }

  private void release(CudaBlock block) {
    context.makeCurrent();
    finish();
    try {
      JCudaDriver.cuMemFree(block.memory);
    } catch (CudaException e) {
      throw context.failed("cuMemFree", e);
    }
  }

  @Override
  public void upload(Object array, int start, Block target, long byteOffset, int count) {
    enter();
    try {
      HostArray host = HostArray.of("upload", array, start, count);
      CudaBlock block = block("upload", target, byteOffset, host.bytes());
      if (host.bytes() == 0) {
        return;
      }
      uploads.copy(host, block, byteOffset);
      uploaded.increment();
    } finally {
      using.unlock();
    }
  }

  @Override
  public void download(Block source, long byteOffset, Object array, int start, int count) {
    enter();
    try {
      HostArray host = HostArray.of("download", array, start, count);
      CudaBlock block = block("download", source, byteOffset, host.bytes());
      if (host.bytes() == 0) {
        return;
      }
      long before = context.launches();
      downloads.copy(block, byteOffset, host);
      context.proven(before);
      downloaded.increment();
    } finally {
      using.unlock();
    }
  }

  // Beyond its end a block may be anybody's memory: the driver need not notice.
  private CudaBlock block(String call, Block block, long byteOffset, long bytes) {
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

  private CudaBlock live(String call, Block block) {
    if (!(block instanceof CudaBlock own) || own.driver != this || own.freed()) {
      throw new IllegalStateException(call + ": the block is freed or not of " + id);
    }
    return own;
  }

  @Override
  public Kernel kernel(KernelKey key) {
    enter();
    try {
      return kernels.computeIfAbsent(key, modules::kernel);
    } finally {
      using.unlock();
    }
  }

  @Override
  public void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters) {
    enter();
    try {
      CudaKernel own = own(kernel);
      if (isEmpty(grid)) {
        return;
      }
      require(own, grid);
      CudaBlock[] live = live(blocks);
      Consumer<Run> told = listener;
      if (told == null) {
        launches.launch(own, grid, live, parameters);
        launched.increment();
        if (device.blocking()) {
          block(own.name() + " " + grid);
        }
      } else {
        long nanoseconds = launches.time(own, grid, live, parameters);
        launched.increment();
        told.accept(new Run(own.name(), grid, nanoseconds));
      }
    } finally {
      using.unlock();
    }
  }

  private CudaKernel own(Kernel kernel) {
    if (!(kernel instanceof CudaKernel own) || own.driver != this) {
      throw new IllegalArgumentException("launch: " + kernel.name() + " is not of " + id);
    }
    return own;
  }

  private static boolean isEmpty(Grid grid) {
    return grid.groupsX() * grid.groupsY() * grid.groupsZ() == 0;
  }

  private CudaBlock[] live(Block[] blocks) {
    CudaBlock[] live = new CudaBlock[blocks.length];
    for (int i = 0; i < live.length; i++) {
      live[i] = live("launch", blocks[i]);
    }
    return live;
  }

  @Override
  public Replay prepare(List<Launch> launches) {
    enter();
    try {
      List<Launches.Checked> checked = new ArrayList<>(launches.size());
      for (Launch launch : launches) {
        CudaKernel own = own(launch.kernel());
        if (!isEmpty(launch.grid())) {
          require(own, launch.grid());
          checked.add(
              new Launches.Checked(own, launch.grid(), live(launch.blocks()), launch.parameters()));
        }
      }
      LaunchGraph graph = new LaunchGraph(this, this.launches.graph(checked), launches);
      graphs.add(graph);
      return graph;
    } finally {
      using.unlock();
    }
  }

  /** Puts a graph into the queue; one by one its kernels while somebody listens. */
  void launch(LaunchGraph graph) {
    enter();
    try {
      if (graph.isDestroyed()) {
        throw new IllegalStateException(graph.name() + " is closed");
      }
      if (listener == null) {
        launches.launch(graph);
        launched.increment();
        if (device.blocking()) {
          block(graph.name());
        }
        return;
      }
    } finally {
      using.unlock();
    }
    for (Launch launch : graph.launches) {
      launch(launch.kernel(), launch.grid(), launch.blocks(), launch.parameters());
    }
  }

  /** Destroys a graph; what is in the queue of it is done nevertheless. */
  void destroy(LaunchGraph graph) {
    using.lock();
    try {
      // Closing the driver has destroyed all graphs already.
      if (graphs.remove(graph) && graph.setDestroyed() && !closed && !context.isLost()) {
        context.makeCurrent();
        JCudaDriver.cuGraphExecDestroy(graph.executable);
      }
    } catch (CudaException e) {
      throw context.failed("cuGraphExecDestroy", e);
    } finally {
      using.unlock();
    }
  }

  // The driver would say no more than that a value is invalid.
  private void require(CudaKernel kernel, Grid grid) {
    if (grid.groupsX() > MAX_GROUPS_X
        || grid.groupsY() > MAX_GROUPS_YZ
        || grid.groupsZ() > MAX_GROUPS_YZ) {
      throw new IllegalArgumentException(
          "launch: "
              + kernel.name()
              + ": more groups than "
              + MAX_GROUPS_X
              + " x "
              + MAX_GROUPS_YZ
              + " x "
              + MAX_GROUPS_YZ
              + ": "
              + grid);
    }
    long size = (long) grid.sizeX() * grid.sizeY();
    if (size < 1 || size > kernel.maxThreads()) {
      throw new IllegalArgumentException(
          "launch: "
              + kernel.name()
              + ": not between 1 and "
              + kernel.maxThreads()
              + " work items in a group: "
              + grid);
    }
  }

  private void block(String kernel) {
    try {
      JCudaDriver.cuStreamSynchronize(stream);
    } catch (CudaException e) {
      throw context.faulted(kernel, e);
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
    long before = context.launches();
    try {
      JCudaDriver.cuStreamSynchronize(stream);
    } catch (CudaException e) {
      throw context.failed("cuStreamSynchronize", e);
    }
    context.proven(before);
  }

  @Override
  public void profile(@Nullable Consumer<Run> listener) {
    changing.lock();
    try {
      requireOpen();
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
      blocks.forEach(CudaBlock::setFreed);
      // The driver takes a lost context down with all that is in it, and refuses to do so
      // piecemeal.
      if (!context.isLost()) {
        destroy();
      }
      blocks.clear();
      graphs.clear();
      kernels.clear();
      context.release();
    } finally {
      changing.unlock();
    }
  }

  private void destroy() {
    try {
      context.makeCurrent();
      JCudaDriver.cuStreamSynchronize(stream);
      for (LaunchGraph graph : graphs) {
        JCudaDriver.cuGraphExecDestroy(graph.executable);
      }
      blocks.forEach(block -> JCudaDriver.cuMemFree(block.memory));
      launches.close();
      uploads.close();
      downloads.close();
      modules.close();
      JCudaDriver.cuStreamDestroy(stream);
    } catch (CudaException e) {
      BackendException failure = context.failed("close", e);
      if (!context.isLost()) {
        context.release();
        throw failure;
      }
      LOGGER.log(Level.WARNING, "while closing: {0}", failure.getMessage());
    }
  }

  private void enter() {
    using.lock();
    try {
      requireOpen();
      context.makeCurrent();
    } catch (IllegalStateException | BackendException e) {
      using.unlock();
      throw e;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(id + " is closed");
    }
  }
}
