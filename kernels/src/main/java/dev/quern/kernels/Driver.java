package dev.quern.kernels;

import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Replay;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One open GPU as the launcher sees it: memory, compiled kernels and one queue that works in order.
 * Methods may be called from several threads at once. A driver's error becomes a {@link
 * dev.quern.BackendException} that names the call, the code and the device. Once closed, all but
 * {@link #free}, {@link #info}, {@link #traits}, {@link #counters} and {@link #close} throw {@link
 * IllegalStateException}.
 */
public interface Driver extends AutoCloseable {
  /** Returns what device this is. */
  DeviceInfo info();

  /** Returns the facts that decide which kernels are picked. */
  Traits traits();

  /**
   * Allocates memory with arbitrary content.
   *
   * @throws dev.quern.spi.OutOfDeviceMemoryException if there is not enough
   */
  Block allocate(long bytes);

  /** Gives memory back; work already in the queue still uses it. A second call does nothing. */
  void free(Block block);

  /**
   * Copies from a Java array of primitives; the array may change once this returns.
   *
   * @param byteOffset where in the block the first element goes
   */
  void upload(Object array, int start, Block target, long byteOffset, int count);

  /** Copies to a Java array of primitives, after all work in the queue. */
  void download(Block source, long byteOffset, Object array, int start, int count);

  /** Returns a kernel ready to start, compiled the first time. */
  Kernel kernel(KernelKey key);

  /**
   * Puts a kernel into the queue.
   *
   * @param blocks its pointer arguments, which come first
   * @param parameters the words of the one structure that follows them
   */
  void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters);

  /**
   * Makes launches ready to be put into the queue again and again, all of them in their order;
   * their blocks are not freed before the result is closed.
   */
  default Replay prepare(List<Launch> launches) {
    return new Replay() {
      @Override
      public void run() {
        for (Launch launch : launches) {
          launch(launch.kernel(), launch.grid(), launch.blocks(), launch.parameters());
        }
      }

      @Override
      public void close() {
        // There is nothing but the list.
      }
    };
  }

  /** Waits for all work in the queue and reports what failed in it. */
  void synchronize();

  /** Returns how often this driver was called. */
  Counters counters();

  /**
   * Tells a listener of every kernel that is launched from now on; null stops that. While somebody
   * listens, a launch waits until its kernel has run.
   */
  void profile(@Nullable Consumer<Run> listener);

  /** Frees everything, blocks included; a second call does nothing. */
  @Override
  void close();
}
