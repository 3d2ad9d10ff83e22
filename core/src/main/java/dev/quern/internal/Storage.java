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
  private final boolean wrapped;
  private final @Nullable Arena arena;
  private final Cleaner.@Nullable Cleanable cleanable;
  private final int epoch = Tape.epochOfStorage();
  private int refs = 1;
  // How many tapes read or write the elements; they outlive the last holder until then.
  private int pins;
  private volatile boolean pinned;

  /** What memory was allocated for; written out only where somebody asks. */
  record Origin(String op, Shape shape) {}

  /** Takes over a buffer that shares the caller's array, with a count of 1. */
  Storage(Buffer buffer) {
    this.buffer = buffer;
    wrapped = true;
    arena = null;
    cleanable = null;
  }

  /**
   * Takes over a buffer with a count of 1.
   *
   * @param origin what it was allocated for, or null if it is too small to account for
   */
  Storage(Memory memory, Buffer buffer, @Nullable Origin origin) {
    this.buffer = buffer;
    wrapped = false;
    arena = null;
    cleanable = origin == null ? null : CLEANER.register(this, new Ticket(memory, buffer, origin));
  }

  /** Takes over a buffer with a count of 1 that an arena gets back. */
  Storage(Arena arena, Buffer buffer, Runnable free) {
    this.buffer = buffer;
    this.arena = arena;
    wrapped = false;
    cleanable = CLEANER.register(this, free);
  }

  /** Runs something when nobody can reach an object any more, or when it is cleaned. */
  static Cleaner.Cleanable whenUnreachable(Object object, Runnable action) {
    return CLEANER.register(object, action);
  }

  Buffer buffer() {
    return buffer;
  }

  /** Returns whether the memory is a caller's array, who may change the elements at any time. */
  boolean isWrapped() {
    return wrapped;
  }

  /**
   * Returns whether a replay may change the elements. A thread that records runs none meanwhile,
   * and brings what it assigns to its place at the end.
   */
  boolean isReplayed() {
    return isTaped() && !wrapped && !Tape.isRecording();
  }

  /** Returns whether replays read or write the elements. */
  boolean isTaped() {
    return pinned || (arena != null && arena.isOpen());
  }

  /** Returns whether this is memory of the arena. */
  boolean isOf(Arena other) {
    return arena == other;
  }

  /** Returns after how many tapes' start the storage was made; 0 if it is nobody's business. */
  int epoch() {
    return epoch;
  }

  /** Keeps the memory for a tape. */
  void pin() {
    assert refs > 0 : "storage used after free";
    pins++;
    pinned = true;
  }

  /** Reverses {@link #pin}. */
  void unpin() {
    pins--;
    pinned = pins > 0;
    freeIfUnused();
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
    refs--;
    freeIfUnused();
  }

  private void freeIfUnused() {
    if (refs == 0 && pins == 0) {
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
