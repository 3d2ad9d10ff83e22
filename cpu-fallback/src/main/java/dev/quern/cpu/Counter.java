package dev.quern.cpu;

import dev.quern.DType;

/**
 * Combines equally long rows of partial results in pairs, pairs of pairs and so on, as a binary
 * counter carries: the rounding error of a sum grows like the logarithm of their number, and any
 * aligned group of 2^k rows makes one node of the tree, so that it may be computed elsewhere.
 */
final class Counter {
  // Fewer rows than 2^40 come.
  private static final int LEVELS = 41;

  private final Loop combine;
  private final DType dtype;
  private final int maxWidth;
  private Object slots;
  private int room;
  private int width;
  private long count;
  private int used;

  /** Creates a counter of rows of at most {@code maxWidth} elements. */
  Counter(Loop combine, DType dtype, int maxWidth) {
    this.combine = combine;
    this.dtype = dtype;
    this.maxWidth = maxWidth;
    room = maxWidth == 1 ? LEVELS : 4;
    slots = HostArrays.create(dtype, room * maxWidth);
  }

  /** Forgets all rows; the next ones have {@code width} elements. */
  void clear(int width) {
    this.width = width;
    count = 0;
    used = 0;
  }

  /** Adds the row at {@code at}. */
  void push(Object row, int at) {
    push(row, at, 0);
  }

  /** Adds the combination of {@code 2^level} rows; the number before it is a multiple of that. */
  void push(Object row, int at, int level) {
    if ((count >>> level & 1) == 0) {
      // The slot first: making room may replace the array.
      int slot = newSlot();
      HostArrays.copyRuns(row, at, 0, slots, slot, 0, 1, width);
    } else {
      // Right onto its partner, without a copy of its own.
      combine(row, at, used - 1);
      carry(level + 1);
    }
    count += 1L << level;
  }

  private int newSlot() {
    if (used == room) {
      Object more = HostArrays.create(dtype, 2 * room * maxWidth);
      System.arraycopy(slots, 0, more, 0, room * maxWidth);
      slots = more;
      room *= 2;
    }
    return used++ * maxWidth;
  }

  private void carry(int level) {
    for (long rest = count >>> level; (rest & 1) != 0; rest >>>= 1) {
      merge();
    }
  }

  private void merge() {
    used--;
    combine(slots, used * maxWidth, used - 1);
  }

  private void combine(Object row, int at, int slot) {
    int to = slot * maxWidth;
    combine.run(slots, to, row, at, row, at, slots, to, width);
  }

  /** Combines all rows into one and returns the array that starts with it. */
  Object fold() {
    while (used > 1) {
      merge();
    }
    return slots;
  }
}
