package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Epilogue;
import dev.quern.spi.OutOfDeviceMemoryException;
import dev.quern.spi.Program;
import dev.quern.spi.RandomKind;
import dev.quern.spi.Reduction;
import dev.quern.spi.Replay;
import dev.quern.spi.View;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** A GPU: picks kernels, their geometry and their arguments; the driver does the rest. */
public final class GpuBackend implements Backend {
  private final Driver driver;
  private final Captures captures = new Captures();
  private final List<Capture> open = new CopyOnWriteArrayList<>();
  private final BlockPool pool;
  private final Faults faults;
  private final MapKernel map;
  private final ReduceKernel reduce;
  private final SoftmaxKernel softmax;
  private final ScanKernel scan;
  private final IndexKernel index;
  private final RandomKernel random;
  private final MatmulKernel matmul;

  /** Creates the backend, which closes the driver when it is closed. */
  public GpuBackend(Driver driver) {
    this.driver = driver;
    pool = new BlockPool(driver, captures);
    faults = new Faults(driver);
    Driver launching = new CapturingDriver(driver, pool, captures);
    Launcher launcher = new Launcher(launching, pool);
    map = new MapKernel(launcher);
    reduce = new ReduceKernel(launcher, map);
    softmax = new SoftmaxKernel(launcher);
    scan = new ScanKernel(launcher);
    index = new IndexKernel(launcher, this::faults);
    random = new RandomKernel(launcher);
    Tuning tuning = Tuning.load(driver.info(), driver.traits());
    matmul = new MatmulKernel(launching, GpuBuffer::block, tuning.f32(), tuning.f64());
  }

  @Override
  public DeviceInfo info() {
    return driver.info();
  }

  @Override
  public Buffer allocate(DType dtype, long size) {
    if (dtype == DType.F64 && !driver.traits().float64()) {
      throw new IllegalArgumentException(
          driver.info().id() + ": has no F64; use F32: " + driver.info().name());
    }
    // A product that overflows is beyond any device too.
    long bytes = size > Long.MAX_VALUE / dtype.bytes() ? Long.MAX_VALUE : size * dtype.bytes();
    if (bytes > Long.MAX_VALUE / 2) {
      throw new OutOfDeviceMemoryException("too large for any device");
    }
    return new GpuBuffer(dtype, size, pool.take(Math.max(1, bytes)), pool);
  }

  @Override
  public void upload(Object source, int sourceStart, Buffer target, long targetStart, int count) {
    long at = targetStart * target.dtype().bytes();
    driver.upload(source, sourceStart, GpuBuffer.block(target), at, count);
  }

  @Override
  public void download(Buffer source, long sourceStart, Object target, int targetStart, int count) {
    checkFaults();
    long at = sourceStart * source.dtype().bytes();
    driver.download(GpuBuffer.block(source), at, target, targetStart, count);
  }

  @Override
  public void map(Program program, List<View> inputs, List<View> outputs) {
    map.run(program, inputs, outputs);
  }

  @Override
  public void reduce(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    reduce.run(reduction, program, inputs, kept, output);
  }

  @Override
  public void argReduce(boolean max, View input, int kept, View output) {
    reduce.argRun(max, input, kept, output);
  }

  @Override
  public void matmul(View a, View b, Epilogue epilogue, Precision precision, View output) {
    matmul.run(a, b, epilogue, precision, output);
  }

  @Override
  public boolean multiplies(DType dtype) {
    return driver.traits().tensorCores() && dtype.isHalf();
  }

  @Override
  public void softmax(boolean log, View input, View output) {
    softmax.run(log, input, output);
  }

  @Override
  public void scan(Reduction reduction, View input, View output) {
    scan.run(reduction, input, output);
  }

  @Override
  public void gather(String op, View source, View index, int axis, View output) {
    this.index.gather(op, source, index, axis, output);
  }

  @Override
  public void scatterAdd(String op, View source, View index, int axis, View target) {
    this.index.scatterAdd(op, source, index, axis, target);
  }

  @Override
  public void random(RandomKind kind, long seed, long counter, View output) {
    random.run(kind, seed, counter, output);
  }

  private Faults faults() {
    Capture capture = captures.here();
    return capture == null ? faults : capture.faults();
  }

  @Override
  public Replay capture(Runnable work) {
    Capture capture = new Capture(driver, pool, faults, open::remove);
    boolean done = false;
    try {
      captures.run(capture, work);
      capture.prepare();
      done = true;
    } finally {
      if (!done) {
        capture.close();
      }
    }
    open.add(capture);
    return capture;
  }

  private void checkFaults() {
    faults.check();
    open.forEach(capture -> capture.faults().check());
  }

  @Override
  public void synchronize() {
    driver.synchronize();
    checkFaults();
  }

  @Override
  public long timed(Runnable work) {
    LongAdder nanos = new LongAdder();
    driver.profile(run -> nanos.add(run.nanoseconds()));
    try {
      work.run();
    } finally {
      driver.profile(null);
    }
    return nanos.sum();
  }

  @Override
  public List<String> tune(Consumer<String> progress) {
    return new Tuner(this, driver).run(progress);
  }

  @Override
  public void trim() {
    pool.trim();
  }

  @Override
  public long cachedBytes() {
    return pool.cachedBytes();
  }

  @Override
  public void close() {
    open.forEach(Capture::free);
    pool.close();
    faults.close();
    driver.close();
  }
}
