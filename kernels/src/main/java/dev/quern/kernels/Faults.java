package dev.quern.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Indices out of range that kernels found. Each launch that can find one has a slot of device
 * memory for it. The slots in use are looked at when a host thread next waits for the device; a
 * fault is thrown to the thread that launched the kernel, or to any once that thread has ended.
 */
final class Faults {
  /** Words of a slot: whether there is a fault, then the index and its place, two words each. */
  private static final int WORDS = 5;

  /** When so many launches are pending, a further one waits for the device. */
  private static final int SLOTS = 1024;

  /** A kernel that may find an index out of range. */
  final class Launch {
    private final int slot;
    private final String op;
    private final long extent;
    private final long[] shape;
    private final int axis;
    private Thread owner = Thread.currentThread();
    private boolean launched;

    private Launch(int slot, String op, long extent, long[] shape, int axis) {
      this.slot = slot;
      this.op = op;
      this.extent = extent;
      this.shape = shape;
      this.axis = axis;
    }

    /** Returns the block that the kernel reports in. */
    Block block() {
      return Faults.this.block();
    }

    /** Returns where in {@link #block} the kernel reports. */
    long offset() {
      return (long) slot * WORDS;
    }

    /** Gives the slot back if the kernel was not launched after all. */
    void withdraw() {
      Faults.this.withdraw(this);
    }

    /** Says that the kernel is in the queue: from now on a look can tell how it went. */
    void launched() {
      synchronized (Faults.this) {
        launched = true;
      }
    }

    private String describe(long index, long place) {
      return op
          + ": index "
          + index
          + " is out of range [0, "
          + extent
          + ") at "
          + Arrays.toString(coordinates(place));
    }

    private long[] coordinates(long place) {
      long[] at = new long[shape.length];
      for (int i = at.length - 1; i >= 0; i--) {
        at[i] = place % shape[i];
        place /= shape[i];
      }
      if (axis >= 0) {
        long along = at[at.length - 1];
        System.arraycopy(at, axis, at, axis + 1, at.length - 1 - axis);
        at[axis] = along;
      }
      return at;
    }
  }

  private record Found(Thread owner, String message) {}

  private final Driver driver;
  // Whether launches keep their slots, since they happen again.
  private final boolean lasting;
  // Whether some of them have happened since the last look.
  private boolean unseen;
  private final @Nullable Launch[] pending = new Launch[SLOTS];
  private final List<Found> found = new ArrayList<>();
  private @Nullable Block block;
  private int count;

  Faults(Driver driver) {
    this(driver, false);
  }

  private Faults(Driver driver, boolean lasting) {
    this.driver = driver;
    this.lasting = lasting;
  }

  /** Returns one for launches that happen again and again. */
  static Faults lasting(Driver driver) {
    return new Faults(driver, true);
  }

  /** Says that all launches have happened once more, started by this thread. */
  synchronized void launchedAgain() {
    if (count > 0) {
      unseen = true;
      for (Launch launch : pending) {
        if (launch != null) {
          launch.owner = Thread.currentThread();
        }
      }
    }
  }

  /** Takes over the faults of another whose launches will not happen any more. */
  void take(Faults other) {
    List<Found> late = other.late();
    synchronized (this) {
      found.addAll(late);
    }
  }

  private synchronized List<Found> late() {
    if (unseen) {
      look();
    }
    return List.copyOf(found);
  }

  /** Returns where kernels report. */
  synchronized Block block() {
    if (block == null) {
      block = driver.allocate(WORDS * 4L * SLOTS);
      driver.upload(new int[WORDS * SLOTS], 0, block, 0, WORDS * SLOTS);
    }
    return block;
  }

  /** Returns the place to report for a kernel about to start, whose places count row-major. */
  Launch launch(String op, long extent, long[] shape) {
    return launch(op, extent, shape, -1);
  }

  /**
   * The same for a kernel whose places have an axis moved to the end.
   *
   * @param shape the extents in the order of the places
   * @param axis where the last of them belongs
   */
  synchronized Launch launch(String op, long extent, long[] shape, int axis) {
    if (count == SLOTS && !lasting) {
      look();
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      if (pending[slot] == null) {
        Launch launch = new Launch(slot, op, extent, shape, axis);
        pending[slot] = launch;
        count++;
        return launch;
      }
    }
    throw new IllegalStateException(
        op + ": more than " + SLOTS + (lasting ? " in one recording" : " threads launch at once"));
  }

  private synchronized void withdraw(Launch launch) {
    if (!launch.launched && pending[launch.slot] == launch) {
      pending[launch.slot] = null;
      count--;
    }
  }

  /**
   * Throws a fault of this thread's kernels, or of a thread that has ended; waits for the device if
   * any kernel that can find one has run since the last look.
   *
   * @throws IndexOutOfBoundsException if there is one
   */
  synchronized void check() {
    if (lasting ? unseen : count > 0) {
      look();
    }
    for (int i = 0; i < found.size(); i++) {
      Found fault = found.get(i);
      if (fault.owner() == Thread.currentThread() || !fault.owner().isAlive()) {
        found.remove(i);
        throw new IndexOutOfBoundsException(fault.message());
      }
    }
  }

  // Kernels that are not in the queue yet keep their slots.
  private void look() {
    unseen = false;
    int last = SLOTS - 1;
    while (last >= 0 && pending[last] == null) {
      last--;
    }
    int[] words = new int[WORDS * (last + 1)];
    Block slots = block();
    driver.download(slots, 0, words, 0, words.length);
    for (int slot = 0; slot <= last; slot++) {
      Launch launch = pending[slot];
      if (launch == null || !launch.launched) {
        continue;
      }
      int at = slot * WORDS;
      if (words[at] != 0) {
        long index = (words[at + 1] & 0xffffffffL) | (long) words[at + 2] << 32;
        long place = (words[at + 3] & 0xffffffffL) | (long) words[at + 4] << 32;
        found.add(new Found(launch.owner, launch.describe(index, place)));
        driver.upload(new int[WORDS], 0, slots, at * 4L, WORDS);
      }
      if (!lasting) {
        pending[slot] = null;
        count--;
      }
    }
  }

  synchronized void close() {
    unseen = false;
    if (block != null) {
      driver.free(block);
      block = null;
    }
  }
}
