package dev.quern.internal;

import dev.quern.Shape;
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

  /** What memory was allocated for; written out only where somebody asks. */
  record Origin(String op, Shape shape) {}

  /** Takes over a buffer that shares the caller's array, with a count of 1. */
  Storage(Buffer buffer) {
    this.buffer = buffer;
    shared = true;
    ticket = null;
    cleanable = null;
  }

  /**
   * Takes over a buffer with a count of 1.
   *
   * @param origin what it was allocated for, or null if it is too small to account for
   */
  Storage(Memory memory, Buffer buffer, @Nullable Origin origin) {
    this.buffer = buffer;
    shared = false;
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
    private final Origin origin;

    Ticket(Memory memory, Buffer buffer, Origin origin) {
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
      return bytes()
          + " bytes for "
          + buffer.dtype()
          + " x "
          + buffer.size()
          + ", "
          + origin.op()
          + " "
          + origin.shape();
    }

    @Override
    public void run() {
      memory.unregister(this);
      buffer.close();
    }
  }
}
