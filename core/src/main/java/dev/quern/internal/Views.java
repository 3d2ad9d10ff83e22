package dev.quern.internal;

import dev.quern.Shape;
import dev.quern.internal.Node.Stored;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;

/** Views of stored values, in the canonical form that backends take. */
final class Views {
  private Views() {}

  /** Returns a view of a stored value of one shape, broadcast to another. */
  static View of(Stored stored, Shape shape, Shape as) {
    return new View(
        stored.storage().buffer(),
        as.dims(),
        Layouts.broadcast(shape, stored.strides(), as),
        stored.offset());
  }

  /** Returns the view of a whole buffer in row-major order. */
  static View whole(Buffer buffer, Shape shape) {
    return new View(buffer, shape.dims(), Layouts.contiguous(shape), 0);
  }

  /** Returns a view with an axis of 1 at the end. */
  static View withUnitAxis(View view) {
    int rank = view.rank();
    long[] shape = Arrays.copyOf(view.shape(), rank + 1);
    shape[rank] = 1;
    return new View(view.buffer(), shape, Arrays.copyOf(view.strides(), rank + 1), view.offset());
  }

  /** Returns a view that walks the last axis backwards. */
  static View backwards(View view) {
    int last = view.rank() - 1;
    long[] strides = view.strides().clone();
    strides[last] = -strides[last];
    long end = view.offset() + (view.shape()[last] - 1) * view.strides()[last];
    return new View(view.buffer(), view.shape(), strides, end);
  }

  /** Returns the part of a view from {@code start} on, {@code count} long on the last axis. */
  static View part(View view, long start, long count) {
    int last = view.rank() - 1;
    long[] shape = view.shape().clone();
    shape[last] = count;
    long offset = view.offset() + start * view.strides()[last];
    return new View(view.buffer(), shape, view.strides(), offset);
  }

  /** Runs a program on views of one shape: the inputs, then the outputs. */
  static void map(Backend backend, Program program, List<View> views, int inputCount, Shape shape) {
    List<View> merged = Layouts.merge(views, shape.dims(), shape.rank()).views();
    backend.map(program, merged.subList(0, inputCount), merged.subList(inputCount, merged.size()));
  }
}
