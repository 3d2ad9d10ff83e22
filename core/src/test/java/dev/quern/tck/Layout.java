package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Index;
import dev.quern.Tensor;
import java.util.Arrays;

/** Ways in which the elements of one and the same tensor may lie in memory. */
enum Layout {
  /** Row-major, from the start of a buffer. */
  CONTIGUOUS(false, 0, 1),
  /** In the middle of larger axes. */
  SLICED(false, 2, 1),
  /** Every other position of each axis. */
  EVERY_OTHER(false, 1, 2),
  /** Backwards along each axis. */
  REVERSED(false, 0, -1),
  /** Every third position of each axis, backwards. */
  STRIDED_BACK(false, 1, -3),
  /** Column-major. */
  TRANSPOSED(true, 0, 1),
  /** Column-major, backwards, with gaps. */
  TRANSPOSED_BACK(true, 2, -2);

  private final boolean transposed;
  private final int margin;
  private final int step;

  Layout(boolean transposed, int margin, int step) {
    this.transposed = transposed;
    this.margin = margin;
    this.step = step;
  }

  /** Returns a tensor that shows these values; what lies between them is poison. */
  Tensor of(Values values) {
    if (this == CONTIGUOUS) {
      return values.upload();
    }
    Values ordered = transposed ? values.transpose() : values;
    int rank = ordered.rank();
    long[] base = new long[rank];
    for (int i = 0; i < rank; i++) {
      base[i] = ordered.dim(i) * Math.abs(step) + 2L * margin;
    }
    Tensor tensor = embed(ordered, base).upload();
    Index[] terms = new Index[rank];
    for (int i = 0; i < rank; i++) {
      long last = ordered.dim(i) * Math.abs(step) + margin;
      // Running below 0 is how a negative step reaches position 0.
      terms[i] =
          step > 0
              ? Index.range(margin, last, step)
              : Index.range(last - 1, margin == 0 ? -base[i] - 1 : margin - 1, step);
    }
    Tensor view = tensor.index(terms);
    if (!transposed || rank < 2) {
      return view;
    }
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = rank - 1 - i;
    }
    return view.permute(order);
  }

  private Values embed(Values values, long... base) {
    int rank = base.length;
    long[] strides = Values.strides(base);
    int size = Values.count(base);
    double[] reals = new double[values.dtype().isFloat() ? size : 0];
    long[] integers = new long[values.dtype().isFloat() ? 0 : size];
    Arrays.fill(reals, 7e11);
    Arrays.fill(integers, values.dtype() == DType.BOOL ? 1 : 77_777);
    for (int i = 0; i < values.size(); i++) {
      long[] place = values.place(i);
      long at = 0;
      for (int axis = 0; axis < rank; axis++) {
        long start = step > 0 ? margin : values.dim(axis) * -step + margin - 1;
        at += (start + place[axis] * step) * strides[axis];
      }
      if (values.dtype().isFloat()) {
        reals[(int) at] = values.real(i);
      } else {
        integers[(int) at] = values.integer(i);
      }
    }
    return values.dtype().isFloat()
        ? Values.reals(values.dtype(), reals, base)
        : Values.integers(values.dtype(), integers, base);
  }
}
