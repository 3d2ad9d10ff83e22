package dev.quern.spi;

import dev.quern.DType;

/**
 * A strided window onto a buffer: element {@code (i0, i1, ...)} lies at {@code offset + i0 *
 * strides[0] + i1 * strides[1] + ...}, in elements. A stride of 0 repeats, a negative one walks
 * backwards. The arrays are shared, not copied: nobody changes them.
 *
 * @param buffer where the elements lie
 * @param shape the extents
 * @param strides the distance in elements between neighbours along each axis
 * @param offset the place of element (0, 0, ...)
 */
public record View(Buffer buffer, long[] shape, long[] strides, long offset) {
  /** Returns the element type. */
  public DType dtype() {
    return buffer.dtype();
  }

  /** Returns the number of axes. */
  public int rank() {
    return shape.length;
  }

  /** Returns the number of elements the view shows. */
  public long size() {
    long size = 1;
    for (long dim : shape) {
      size *= dim;
    }
    return size;
  }

  /**
   * Returns a view of the same elements with the axes in another order.
   *
   * @param order for each axis of the result, which of this view's it is
   */
  public View permute(int[] order) {
    long[] permutedShape = new long[order.length];
    long[] permutedStrides = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      permutedShape[i] = shape[order[i]];
      permutedStrides[i] = strides[order[i]];
    }
    return new View(buffer, permutedShape, permutedStrides, offset);
  }

  /** Returns whether the elements lie one after the other in row-major order. */
  public boolean isContiguous() {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }
}
