package dev.quern.kernels;

import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Replay;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The driver as the kernels' families use it: scratch memory comes from the pool, and a thread may
 * note launches instead of making them.
 */
final class CapturingDriver implements Driver {
  private final Driver real;
  private final BlockPool pool;
  private final Captures captures;

  CapturingDriver(Driver real, BlockPool pool, Captures captures) {
    this.real = real;
    this.pool = pool;
    this.captures = captures;
  }

  @Override
  public DeviceInfo info() {
    return real.info();
  }

  @Override
  public Traits traits() {
    return real.traits();
  }

  @Override
  public Block allocate(long bytes) {
    return pool.scratch(bytes);
  }

  @Override
  public void free(Block block) {
    pool.give(block);
  }

  @Override
  public void upload(Object array, int start, Block target, long byteOffset, int count) {
    real.upload(array, start, target, byteOffset, count);
  }

  @Override
  public void download(Block source, long byteOffset, Object array, int start, int count) {
    real.download(source, byteOffset, array, start, count);
  }

  @Override
  public Kernel kernel(KernelKey key) {
    return real.kernel(key);
  }

  @Override
  public void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters) {
    Capture capture = captures.here();
    if (capture == null) {
      real.launch(kernel, grid, blocks, parameters);
    } else {
      capture.add(new Launch(kernel, grid, blocks.clone(), parameters.clone()));
    }
  }

  @Override
  public Replay prepare(List<Launch> launches) {
    return real.prepare(launches);
  }

  @Override
  public void synchronize() {
    real.synchronize();
  }

  @Override
  public Counters counters() {
    return real.counters();
  }

  @Override
  public void profile(@Nullable Consumer<Run> listener) {
    real.profile(listener);
  }

  @Override
  public void close() {
    real.close();
  }
}
