package dev.quern.cpu;

import dev.quern.spi.View;
import java.util.Arrays;

/** Gather and its reverse. Indices are all checked before anything is written. */
final class IndexKernel {
  private static final int BLOCK = BlockProgram.BLOCK;

  private final Object indices;
  // The axes of what was given, in the order that they have here.
  private final int[] order;
  private final View index;
  private final View near;
  private final View far;
  private final int axis;
  private final int last;
  private final long extent;

  /**
   * Pairs the elements of two arrays.
   *
   * @param near the view of the index's shape
   * @param far the view that is indexed along {@code axis}
   */
  private IndexKernel(View index, View near, View far, int axis) {
    order = unitsFirst(index.shape());
    this.index = index.permute(order);
    this.near = near.permute(order);
    this.far = far.permute(order);
    int place = 0;
    while (order[place] != axis) {
      place++;
    }
    this.axis = place;
    indices = CpuBuffer.array(index);
    extent = far.shape()[axis];
    last = index.rank() - 1;
  }

  // Rows of one element would take a while each.
  private static int[] unitsFirst(long[] shape) {
    int[] order = new int[shape.length];
    int next = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 1) {
        order[next++] = i;
      }
    }
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != 1) {
        order[next++] = i;
      }
    }
    return order;
  }

  /** See {@link dev.quern.spi.Backend#gather}. */
  static void gather(
      CpuContext context, String op, View source, View index, int axis, View output) {
    IndexKernel kernel = new IndexKernel(index, output, source, axis);
    kernel.check(op);
    long rows = kernel.rows();
    context
        .threads()
        .ranges(
            rows,
            2.0 * kernel.index.shape()[kernel.last] + 10,
            (from, to) -> kernel.gather(from, to));
  }

  /** See {@link dev.quern.spi.Backend#scatterAdd}. */
  static void scatterAdd(String op, View source, View index, int axis, View target) {
    IndexKernel kernel = new IndexKernel(index, source, target, axis);
    kernel.check(op);
    kernel.scatterAdd();
  }

  private long index(long position) {
    return indices instanceof int[] narrow
        ? narrow[(int) position]
        : ((long[]) indices)[(int) position];
  }

  // Axes along which the index repeats need to be looked at once only.
  private void check(String op) {
    long[] dims = index.shape().clone();
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0) {
        return;
      }
      dims[i] = index.strides()[i] == 0 ? 1 : dims[i];
    }
    long[] at = new long[dims.length];
    do {
      long position = place(index, at);
      for (at[last] = 0; at[last] < dims[last]; at[last]++) {
        long value = index(position);
        if (value < -extent || value >= extent) {
          throw new IndexOutOfBoundsException(
              op
                  + ": index "
                  + value
                  + " is out of range [0, "
                  + extent
                  + ") at "
                  + Arrays.toString(given(at)));
        }
        position += index.strides()[last];
      }
      at[last] = 0;
    } while (nextRow(at, dims));
  }

  private long[] given(long[] at) {
    long[] given = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      given[order[i]] = at[i];
    }
    return given;
  }

  private static boolean nextRow(long[] at, long[] dims) {
    for (int i = dims.length - 2; i >= 0; i--) {
      if (++at[i] < dims[i]) {
        return true;
      }
      at[i] = 0;
    }
    return false;
  }

  private static long place(View view, long[] at) {
    long place = view.offset();
    for (int i = 0; i < at.length; i++) {
      place += at[i] * view.strides()[i];
    }
    return place;
  }

  private long rows() {
    return ReduceKernel.product(index.shape(), 0, last);
  }

  private long[] locate(long row) {
    long[] at = new long[last + 1];
    for (int i = last - 1; i >= 0; i--) {
      at[i] = row % index.shape()[i];
      row /= index.shape()[i];
    }
    return at;
  }

  private void gather(long from, long to) {
    long[] at = locate(from);
    int[] places = new int[BLOCK];
    Object source = CpuBuffer.array(far);
    Object target = CpuBuffer.array(near);
    int step = (int) near.strides()[last];
    long length = index.shape()[last];
    for (long row = from; row < to; row++) {
      long start = place(near, at);
      if (isRunWise()) {
        HostArrays.copy(
            source,
            (int) run(at),
            (int) far.strides()[last],
            target,
            (int) start,
            step,
            (int) length);
      } else {
        for (long x = 0; x < length; x += BLOCK) {
          int n = (int) Math.min(BLOCK, length - x);
          places(at, x, n, places);
          HostArrays.pick(source, places, target, (int) (start + x * step), step, n);
        }
      }
      nextRow(at, index.shape());
    }
  }

  private void scatterAdd() {
    if (index.size() == 0) {
      return;
    }
    long[] at = new long[last + 1];
    int[] places = new int[BLOCK];
    Object source = CpuBuffer.array(near);
    Object target = CpuBuffer.array(far);
    int step = (int) near.strides()[last];
    long length = index.shape()[last];
    do {
      long start = place(near, at);
      for (long x = 0; x < length; x += BLOCK) {
        int n = (int) Math.min(BLOCK, length - x);
        places(at, x, n, places);
        HostArrays.addTo(source, (int) (start + x * step), step, target, places, n);
      }
    } while (nextRow(at, index.shape()));
  }

  /** Returns whether one index serves a whole row. */
  private boolean isRunWise() {
    return axis != last && index.strides()[last] == 0;
  }

  // Where in the indexed array a row starts, if one index serves it all.
  private long run(long[] at) {
    return base(at) + wrapped(place(index, at)) * far.strides()[axis];
  }

  private long base(long[] at) {
    long base = far.offset();
    for (int i = 0; i < last; i++) {
      if (i != axis) {
        base += at[i] * far.strides()[i];
      }
    }
    return base;
  }

  private long wrapped(long position) {
    long value = index(position);
    return value < 0 ? value + extent : value;
  }

  private void places(long[] at, long first, int n, int[] places) {
    long along = axis == last ? 0 : far.strides()[last];
    long base = base(at) + first * along;
    long position = place(index, at) + first * index.strides()[last];
    for (int x = 0; x < n; x++) {
      places[x] = (int) (base + x * along + wrapped(position) * far.strides()[axis]);
      position += index.strides()[last];
    }
  }
}
