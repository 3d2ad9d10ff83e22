package dev.quern.kernels;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Indices out of range that kernels found. They are reported when the host next waits for the
 * device, and only looked for if a kernel that can find any has run since.
 */
final class Faults {
  private static final int WORDS = 5;

  /** So many launches can be told apart between two looks; the oldest lose their names. */
  private static final int REMEMBERED = 4096;

  private record Launch(String op, long extent, long[] shape, int axis) {}

  private final Driver driver;
  private final Map<Integer, Launch> launches =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Launch> eldest) {
          return size() > REMEMBERED;
        }
      };
  private @Nullable Block block;
  private int next;

  Faults(Driver driver) {
    this.driver = driver;
  }

  /** Returns where kernels report. */
  synchronized Block block() {
    if (block == null) {
      block = driver.allocate(WORDS * 4L);
      driver.upload(new int[WORDS], 0, block, 0, WORDS);
    }
    return block;
  }

  /** Returns the number by which a kernel about to start reports; places count row-major. */
  long ticket(String op, long extent, long[] shape) {
    return ticket(op, extent, shape, -1);
  }

  /**
   * The same for a kernel whose places have an axis moved to the end.
   *
   * @param shape the extents in the order of the places
   * @param axis where the last of them belongs
   */
  synchronized long ticket(String op, long extent, long[] shape, int axis) {
    next = next == Integer.MAX_VALUE ? 1 : next + 1;
    launches.put(next, new Launch(op, extent, shape, axis));
    return next;
  }

  /**
   * Throws what has been reported since the last look; waits for the device.
   *
   * @throws IndexOutOfBoundsException if there is something
   */
  synchronized void check() {
    if (launches.isEmpty() || block == null) {
      return;
    }
    int[] words = new int[WORDS];
    driver.download(block, 0, words, 0, WORDS);
    if (words[0] == 0) {
      launches.clear();
      return;
    }
    driver.upload(new int[WORDS], 0, block, 0, WORDS);
    Launch launch = launches.get(words[0]);
    launches.clear();
    long index = (words[1] & 0xffffffffL) | (long) words[2] << 32;
    long place = (words[3] & 0xffffffffL) | (long) words[4] << 32;
    if (launch == null) {
      throw new IndexOutOfBoundsException("gather: index " + index + " is out of range");
    }
    throw new IndexOutOfBoundsException(
        launch.op()
            + ": index "
            + index
            + " is out of range [0, "
            + launch.extent()
            + ") at "
            + Arrays.toString(coordinates(launch, place)));
  }

  private static long[] coordinates(Launch launch, long place) {
    long[] at = new long[launch.shape().length];
    for (int i = at.length - 1; i >= 0; i--) {
      at[i] = place % launch.shape()[i];
      place /= launch.shape()[i];
    }
    if (launch.axis() >= 0) {
      long along = at[at.length - 1];
      System.arraycopy(at, launch.axis(), at, launch.axis() + 1, at.length - 1 - launch.axis());
      at[launch.axis()] = along;
    }
    return at;
  }

  synchronized void close() {
    if (block != null) {
      driver.free(block);
      block = null;
    }
  }
}
