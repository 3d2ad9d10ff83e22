package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Program;
import dev.quern.spi.RandomKind;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.List;
import java.util.Optional;

/** The processor: work is done when a call returns, by the calling thread and a pool. */
final class CpuBackend implements Backend {
  private final DeviceInfo info;
  private final ArrayPool pool = new ArrayPool(Runtime.getRuntime().maxMemory() / 4);
  private final CpuContext context;

  /** Opens the device with a number of threads and a kind of loops. */
  CpuBackend(DeviceInfo info, int threads, Kernels kernels) {
    this.info = info;
    context = new CpuContext(pool, new Threads(threads), kernels);
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public boolean isHeap() {
    return true;
  }

  @Override
  public Buffer allocate(DType dtype, long size) {
    return new CpuBuffer(dtype, size, pool.take(dtype, size), pool);
  }

  @Override
  public Optional<Buffer> wrap(Object array) {
    int size = java.lang.reflect.Array.getLength(array);
    return Optional.of(new CpuBuffer(HostArrays.dtype(array), size, array, null));
  }

  @Override
  public void upload(Object source, int sourceStart, Buffer target, long targetStart, int count) {
    Object array = ((CpuBuffer) target).array();
    System.arraycopy(source, sourceStart, array, (int) targetStart, count);
  }

  @Override
  public void download(Buffer source, long sourceStart, Object target, int targetStart, int count) {
    Object array = ((CpuBuffer) source).array();
    System.arraycopy(array, (int) sourceStart, target, targetStart, count);
  }

  @Override
  public void map(Program program, List<View> inputs, List<View> outputs) {
    MapKernel.run(context, program, inputs, outputs);
  }

  @Override
  public void reduce(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    ReduceKernel.run(context, reduction, program, inputs, kept, output);
  }

  @Override
  public void argReduce(boolean max, View input, int kept, View output) {
    ArgReduceKernel.run(context, max, input, kept, output);
  }

  @Override
  public void matmul(View a, View b, Epilogue epilogue, Precision precision, View output) {
    MatmulKernel.run(context, a, b, epilogue, output);
  }

  @Override
  public void softmax(boolean log, View input, View output) {
    SoftmaxKernel.run(context, log, input, output);
  }

  @Override
  public void scan(Reduction reduction, View input, View output) {
    ScanKernel.run(context, reduction, input, output);
  }

  @Override
  public void gather(String op, View source, View index, int axis, View output) {
    IndexKernel.gather(context, op, source, index, axis, output);
  }

  @Override
  public void scatterAdd(String op, View source, View index, int axis, View target) {
    IndexKernel.scatterAdd(op, source, index, axis, target);
  }

  @Override
  public void random(RandomKind kind, long seed, long counter, View output) {
    RandomKernel.run(context, kind, seed, counter, output);
  }

  @Override
  public void synchronize() {
    // Nothing is ever left to wait for.
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
    context.threads().close();
    pool.trim();
  }
}
