package dev.quern.internal;

import dev.quern.spi.Buffer;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * A counted buffer. The count is the number of graph nodes and running evaluations that use it; at
 * 0 the memory goes back to the device. Guarded by {@link Graph#LOCK}.
 *
 * <p>Handles that nobody closed never bring the count to 0: then the collector finds the storage
 * unreachable and the cleaner frees it.
 */
final class Storage {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Buffer buffer;
  private final boolean shared;
  private final @Nullable Ticket ticket;
  private final Cleaner.@Nullable Cleanable cleanable;
  private int refs = 1;

  /**
   * Takes over a buffer with a count of 1.
   *
   * @param shared whether it shares the caller's array
   * @param origin what it was allocated for, or null if it is too small to account for
   */
  Storage(Memory memory, Buffer buffer, boolean shared, @Nullable String origin) {
    this.buffer = buffer;
    this.shared = shared;
    if (origin == null) {
      ticket = null;
      cleanable = null;
    } else {
      ticket = new Ticket(memory, buffer, origin);
      cleanable = CLEANER.register(this, ticket);
    }
  }

  Buffer buffer() {
    return buffer;
  }

  /** Returns whether the caller may change the elements at any time. */
  boolean isShared() {
    return shared;
  }

  int refs() {
    return refs;
  }

  void retain() {
    assert refs > 0 : "storage used after free";
    refs++;
  }

  void release() {
    assert refs > 0 : "storage freed twice";
    if (--refs == 0) {
      if (cleanable != null) {
        cleanable.clean();
      } else {
        buffer.close();
      }
    }
  }

  /** Frees the buffer and its accounting once, from whichever side comes first. */
  static final class Ticket implements Runnable {
    private final Memory memory;
    private final Buffer buffer;
    private final String origin;

    Ticket(Memory memory, Buffer buffer, String origin) {
      this.memory = memory;
      this.buffer = buffer;
      this.origin = origin;
      memory.register(this);
    }

    long bytes() {
      return buffer.size() * buffer.dtype().bytes();
    }

    @Override
    public String toString() {
      return bytes() + " bytes for " + origin;
    }

    @Override
    public void run() {
      memory.unregister(this);
      buffer.close();
    }
  }
}
