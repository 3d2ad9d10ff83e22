package dev.quern.tck;

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
import dev.quern.spi.View;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The backend under test, behind a wall that counts kernels and allocations and makes chosen ones
 * fail. It says that its memory is not the Java heap, so that the core accounts for every buffer,
 * however small.
 */
final class FaultyBackend implements Backend {
  private final Backend real;
  private final AtomicLong allocations = new AtomicLong();
  private final AtomicLong kernels = new AtomicLong();
  private volatile long failFrom = Long.MAX_VALUE;
  private volatile long failTo = Long.MAX_VALUE;

  FaultyBackend(Backend real) {
    this.real = real;
  }

  /** Returns how many allocations were asked for. */
  long allocations() {
    return allocations.get();
  }

  /** Returns how many kernels were run; copies to and from the host are none. */
  long kernels() {
    return kernels.get();
  }

  /** Makes the n-th allocation from now on fail (1 is the next), and {@code count} in all. */
  void fail(long n, long count) {
    failFrom = allocations.get() + n;
    failTo = count == Long.MAX_VALUE ? count : failFrom + count;
  }

  /** Lets everything succeed again. */
  void heal() {
    failFrom = Long.MAX_VALUE;
    failTo = Long.MAX_VALUE;
  }

  @Override
  public Buffer allocate(DType dtype, long size) {
    long n = allocations.incrementAndGet();
    if (n >= failFrom && n < failTo) {
      throw new OutOfDeviceMemoryException("injected at allocation " + n);
    }
    return real.allocate(dtype, size);
  }

  @Override
  public DeviceInfo info() {
    return real.info();
  }

  @Override
  public void upload(Object source, int sourceStart, Buffer target, long targetStart, int count) {
    real.upload(source, sourceStart, target, targetStart, count);
  }

  @Override
  public void download(Buffer source, long sourceStart, Object target, int targetStart, int count) {
    real.download(source, sourceStart, target, targetStart, count);
  }

  @Override
  public void map(Program program, List<View> inputs, List<View> outputs) {
    kernels.incrementAndGet();
    real.map(program, inputs, outputs);
  }

  @Override
  public void reduce(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    kernels.incrementAndGet();
    real.reduce(reduction, program, inputs, kept, output);
  }

  @Override
  public void argReduce(boolean max, View input, int kept, View output) {
    kernels.incrementAndGet();
    real.argReduce(max, input, kept, output);
  }

  @Override
  public void matmul(View a, View b, Epilogue epilogue, Precision precision, View output) {
    kernels.incrementAndGet();
    real.matmul(a, b, epilogue, precision, output);
  }

  @Override
  public void softmax(boolean log, View input, View output) {
    kernels.incrementAndGet();
    real.softmax(log, input, output);
  }

  @Override
  public void scan(Reduction reduction, View input, View output) {
    kernels.incrementAndGet();
    real.scan(reduction, input, output);
  }

  @Override
  public void gather(String op, View source, View index, int axis, View output) {
    kernels.incrementAndGet();
    real.gather(op, source, index, axis, output);
  }

  @Override
  public void scatterAdd(String op, View source, View index, int axis, View target) {
    kernels.incrementAndGet();
    real.scatterAdd(op, source, index, axis, target);
  }

  @Override
  public void random(RandomKind kind, long seed, long counter, View output) {
    kernels.incrementAndGet();
    real.random(kind, seed, counter, output);
  }

  @Override
  public void synchronize() {
    real.synchronize();
  }

  @Override
  public void trim() {
    real.trim();
  }

  @Override
  public long cachedBytes() {
    return real.cachedBytes();
  }

  /** Leaves the backend under test open: it is not ours. */
  @Override
  public void close() {}
}
