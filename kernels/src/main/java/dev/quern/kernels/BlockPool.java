package dev.quern.kernels;

import dev.quern.BackendException;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps blocks that were given back and hands them out again: the queue works in order, so that
 * work handed over later cannot disturb work that still uses the block. Lengths are rounded up to a
 * quarter of a power of two, which wastes at most a fifth and lets blocks fit again.
 */
final class BlockPool {
  private static final long LEAST = 256;

  private final Driver driver;
  private final Captures captures;
  private final Map<Long, Deque<Block>> free = new TreeMap<>();
  private long cachedBytes;
  private boolean closed;

  BlockPool(Driver driver, Captures captures) {
    this.driver = driver;
    this.captures = captures;
  }

  /** Returns how long a block for so many bytes is. */
  static long rounded(long bytes) {
    if (bytes <= LEAST) {
      return LEAST;
    }
    long step = Math.max(LEAST, Long.highestOneBit(bytes - 1) >> 2);
    return (bytes + step - 1) / step * step;
  }

  /** Returns a block of at least so many bytes. */
  Block take(long bytes) {
    // No device need refuse what is too long by rounding only.
    long most = Math.max(bytes, driver.traits().maxBlockBytes());
    long length = Math.min(rounded(bytes), most);
    Capture capture = captures.here();
    if (capture == null) {
      return taken(length);
    }
    Block again = capture.reuse(length);
    return again == null ? capture.keep(taken(length)) : again;
  }

  /**
   * Returns a block for what a kernel needs in passing. The core makes room for tensors; for this,
   * blocks that are kept go back to the device.
   *
   * @throws BackendException if there is not enough memory
   */
  Block scratch(long bytes) {
    try {
      return take(bytes);
    } catch (OutOfDeviceMemoryException e) {
      trim();
    }
    try {
      return take(bytes);
    } catch (OutOfDeviceMemoryException e) {
      throw new BackendException(
          driver.info().id()
              + ": out of memory: requested "
              + bytes
              + " bytes of scratch memory, "
              + e.getMessage(),
          e);
    }
  }

  private Block taken(long length) {
    synchronized (this) {
      Deque<Block> blocks = free.get(length);
      if (blocks != null && !blocks.isEmpty()) {
        cachedBytes -= length;
        return blocks.pop();
      }
    }
    return driver.allocate(length);
  }

  /** Takes a block back. */
  void give(Block block) {
    Capture capture = captures.here();
    if (capture != null && capture.give(block)) {
      return;
    }
    synchronized (this) {
      if (!closed) {
        free.computeIfAbsent(block.bytes(), length -> new ArrayDeque<>()).push(block);
        cachedBytes += block.bytes();
        return;
      }
    }
    driver.free(block);
  }

  /** Gives everything kept back to the device. */
  void trim() {
    List<Block> all = new ArrayList<>();
    synchronized (this) {
      free.values().forEach(all::addAll);
      free.clear();
      cachedBytes = 0;
    }
    all.forEach(driver::free);
  }

  /** Keeps nothing from now on. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    trim();
  }

  synchronized long cachedBytes() {
    return cachedBytes;
  }
}
