package dev.quern.cpu;

import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;

/**
 * The elements that several views of one shape have in common, numbered in row-major order; axes
 * that every view walks in one stride are merged.
 */
final class Space {
  private final long[] dims;
  private final long[][] strides;
  private final long[] offsets;
  private final long size;

  private Space(long[] dims, long[][] strides, long[] offsets) {
    this.dims = dims;
    this.strides = strides;
    this.offsets = offsets;
    long product = 1;
    for (long dim : dims) {
      product *= dim;
    }
    size = product;
  }

  /** Returns the space of views whose axes are taken in the given order. */
  static Space of(List<View> views, long[] shape, int[] order) {
    int rank = order.length;
    long[] dims = new long[Math.max(1, rank)];
    long[][] strides = new long[views.size()][dims.length];
    long[] offsets = new long[views.size()];
    for (int v = 0; v < offsets.length; v++) {
      offsets[v] = views.get(v).offset();
    }
    int axes = 0;
    for (int axis : order) {
      long dim = shape[axis];
      if (dim == 1) {
        continue;
      }
      boolean merges = axes > 0;
      for (int v = 0; merges && v < strides.length; v++) {
        merges = strides[v][axes - 1] == views.get(v).strides()[axis] * dim;
      }
      if (merges) {
        axes--;
        dims[axes] *= dim;
      } else {
        dims[axes] = dim;
      }
      for (int v = 0; v < strides.length; v++) {
        strides[v][axes] = views.get(v).strides()[axis];
      }
      axes++;
    }
    if (axes == 0) {
      dims[axes++] = 1;
    }
    if (axes < dims.length) {
      dims = Arrays.copyOf(dims, axes);
      for (int v = 0; v < strides.length; v++) {
        strides[v] = Arrays.copyOf(strides[v], axes);
      }
    }
    return new Space(dims, strides, offsets);
  }

  /** Returns the space of views in their own order of axes. */
  static Space of(List<View> views, long[] shape) {
    int[] order = new int[shape.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return of(views, shape, order);
  }

  /** Returns the number of elements. */
  long size() {
    return size;
  }

  /** Returns the number of merged axes, at least 1. */
  int rank() {
    return dims.length;
  }

  /** Returns the extent of the last axis. */
  long inner() {
    return dims[dims.length - 1];
  }

  /** Returns a view's stride along the last axis. */
  int innerStride(int view) {
    return (int) strides[view][dims.length - 1];
  }

  /** Returns whether a view shows one element only. */
  boolean isScalar(int view) {
    for (long stride : strides[view]) {
      if (stride != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a view shows the same elements in every row along the last axis. */
  boolean isPeriodic(int view) {
    for (int i = 0; i < dims.length - 1; i++) {
      if (strides[view][i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a view's elements lie one after the other in the order of this space. */
  boolean isContiguous(int view) {
    long expected = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      if (strides[view][i] != expected) {
        return false;
      }
      expected *= dims[i];
    }
    return true;
  }

  /** Writes the coordinates of an element. */
  void locate(long element, long[] at) {
    for (int i = dims.length - 1; i > 0; i--) {
      long rest = element / dims[i];
      at[i] = element - rest * dims[i];
      element = rest;
    }
    at[0] = element;
  }

  /** Returns where in the array a view's element at these coordinates lies. */
  int position(int view, long[] at) {
    long position = offsets[view];
    for (int i = 0; i < dims.length; i++) {
      position += at[i] * strides[view][i];
    }
    return (int) position;
  }

  /** Returns where in the array the first element lies. */
  long offset(int view) {
    return offsets[view];
  }

  /** Copies {@code n} elements from the coordinates {@code at} on, which are changed. */
  void gather(int view, Object from, long[] at, Object to, int start, int n) {
    int last = dims.length - 1;
    int stride = (int) strides[view][last];
    int done = 0;
    while (done < n) {
      int run = (int) Math.min(n - done, dims[last] - at[last]);
      int rows = run == dims[last] && last > 0 ? rows(at, n - done) : 1;
      int rowStride = last > 0 ? (int) strides[view][last - 1] : 0;
      int place = position(view, at);
      HostArrays.gatherRows(from, place, rowStride, stride, to, start + done, rows, run);
      done += rows * run;
      if (rows > 1) {
        at[last - 1] += rows - 1;
      }
      advance(at, run);
    }
  }

  // The whole rows, before an axis further out advances, of so many elements.
  private int rows(long[] at, int n) {
    int last = dims.length - 1;
    return (int) Math.min(n / dims[last], dims[last - 1] - at[last - 1]);
  }

  /** Copies {@code n} elements to the coordinates {@code at} on, which are changed. */
  void scatter(int view, Object from, int start, Object to, long[] at, int n) {
    int last = dims.length - 1;
    int stride = (int) strides[view][last];
    int done = 0;
    while (done < n) {
      int run = (int) Math.min(n - done, dims[last] - at[last]);
      HostArrays.scatter(from, start + done, to, position(view, at), stride, run);
      done += run;
      advance(at, run);
    }
  }

  private void advance(long[] at, int run) {
    int axis = dims.length - 1;
    at[axis] += run;
    while (axis > 0 && at[axis] == dims[axis]) {
      at[axis--] = 0;
      at[axis]++;
    }
  }
}
