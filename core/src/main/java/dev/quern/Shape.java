package dev.quern;

import java.util.Arrays;

/** The extents of a tensor along each of its axes; the shape {@code []} is a scalar's. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0], 1);

  private final long[] dims;
  private final long size;

  private Shape(long[] dims, long size) {
    this.dims = dims;
    this.size = size;
  }

  /**
   * Returns the shape with these extents.
   *
   * @throws IllegalArgumentException if an extent is negative or their product exceeds {@link
   *     Long#MAX_VALUE}
   */
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    long size = 1;
    boolean empty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("shape: negative extent: " + Arrays.toString(dims));
      }
      empty |= dim == 0;
    }
    for (int i = 0; !empty && i < dims.length; i++) {
      if (size > Long.MAX_VALUE / dims[i]) {
        throw new IllegalArgumentException(
            "shape: number of elements exceeds 2^63 - 1: " + Arrays.toString(dims));
      }
      size *= dims[i];
    }
    return new Shape(dims.clone(), empty ? 0 : size);
  }

  /** Returns the number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Returns the number of elements: the product of all extents, 1 for a scalar. */
  public long size() {
    return size;
  }

  /**
   * Returns the extent of an axis; negative axes count from the end.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public long dim(int axis) {
    return dims[axis("dim", axis)];
  }

  /** Returns a copy of the extents. */
  public long[] dims() {
    return dims.clone();
  }

  /**
   * Returns {@code axis} counted from the front.
   *
   * @param op the operation to name in the error
   * @throws IllegalArgumentException if the axis is not in [-rank, rank)
   */
  public int axis(String op, int axis) {
    int n = dims.length;
    if (axis < -n || axis >= n) {
      throw new IllegalArgumentException(
          op + ": axis " + axis + " is out of range for shape " + this);
    }
    return axis < 0 ? axis + n : axis;
  }

  /**
   * Returns the shape that both shapes broadcast to under NumPy's rules: aligned at the last axis,
   * extents must be equal or one of them 1.
   *
   * @param op the operation to name in the error
   * @throws IllegalArgumentException if the shapes do not broadcast together
   */
  public static Shape broadcast(String op, Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    long[] out = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      long y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            op + ": shapes do not broadcast together: " + a + " and " + b);
      }
      out[rank - i] = x == 1 ? y : x;
    }
    return of(out);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Shape shape && Arrays.equals(dims, shape.dims));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
