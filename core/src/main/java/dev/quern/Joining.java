package dev.quern;

import dev.quern.internal.Engine;
import dev.quern.internal.Node;
import java.util.ArrayList;
import java.util.List;

/** Concatenation and stacking. */
final class Joining {
  private Joining() {}

  static Tensor concat(int axis, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("concat: no tensors");
    }
    Shape first = tensors[0].shape();
    int a = first.axis("concat", axis);
    DType dtype = tensors[0].dtype();
    long[] dims = first.dims();
    dims[a] = 0;
    for (Tensor tensor : tensors) {
      dtype = DType.promote(dtype, tensor.dtype());
      checkFits(first, tensor.shape(), a);
      dims[a] += tensor.dim(a);
    }
    Shape shape = Shape.of(dims);
    Tensor[] parts = new Tensor[tensors.length];
    List<Engine.Viewer> places = new ArrayList<>(parts.length);
    long[] starts = new long[parts.length + 1];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = tensors[i].as(dtype);
      starts[i + 1] = starts[i] + parts[i].dim(a);
      long start = starts[i];
      places.add(
          (strides, offset) -> {
            offset[0] += start * strides[a];
            return strides;
          });
    }
    return Autograd.record(
        "concat",
        Tensor.assemble("concat", dtype, shape, parts, places),
        parts,
        new Node[0],
        (i, g) -> g.slice(a, starts[i], starts[i + 1]));
  }

  private static void checkFits(Shape first, Shape other, int axis) {
    boolean fits = first.rank() == other.rank();
    for (int i = 0; fits && i < first.rank(); i++) {
      fits = i == axis || first.dim(i) == other.dim(i);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "concat: shapes differ off axis " + axis + ": " + first + " and " + other);
    }
  }

  static Tensor stack(int axis, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("stack: no tensors");
    }
    int rank = tensors[0].rank() + 1;
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException(
          "stack: axis " + axis + " is out of range for tensors of shape " + tensors[0].shape());
    }
    Tensor[] parts = new Tensor[tensors.length];
    for (int i = 0; i < parts.length; i++) {
      if (!tensors[i].shape().equals(tensors[0].shape())) {
        throw new IllegalArgumentException(
            "stack: shapes differ: " + tensors[0].shape() + " and " + tensors[i].shape());
      }
      parts[i] = tensors[i].unsqueeze(axis);
    }
    return concat(axis < 0 ? axis + rank : axis, parts);
  }
}
