package dev.quern;

import dev.quern.internal.Engine;
import java.util.Arrays;

/** Turns index terms into a shape and strides. */
final class Indexing {
  /** What a view takes: its shape, and its strides from its base's. */
  record Plan(Shape shape, Engine.Viewer viewer) {}

  private Indexing() {}

  static Plan plan(Shape shape, Index... terms) {
    int used = 0;
    int ellipses = 0;
    for (Index term : terms) {
      used += term.kind == Index.Kind.AT || term.kind == Index.Kind.RANGE ? 1 : 0;
      ellipses += term.kind == Index.Kind.ELLIPSIS ? 1 : 0;
    }
    if (used > shape.rank() || ellipses > 1) {
      throw new IllegalArgumentException(
          "index: "
              + (ellipses > 1 ? "more than one ellipsis" : used + " terms are too many")
              + " for shape "
              + shape);
    }
    int rest = shape.rank() - used;
    int capacity = terms.length + shape.rank();
    // For each result axis: the base's axis (-1: a new axis), its extent and its step.
    int[] source = new int[capacity];
    long[] dims = new long[capacity];
    long[] steps = new long[capacity];
    long[] starts = new long[shape.rank()];
    int out = 0;
    int axis = 0;
    for (int t = 0; t <= terms.length; t++) {
      boolean implicit = t == terms.length && ellipses == 0;
      if (implicit || (t < terms.length && terms[t].kind == Index.Kind.ELLIPSIS)) {
        for (int i = 0; i < rest; i++) {
          source[out] = axis;
          steps[out] = 1;
          dims[out++] = shape.dim(axis++);
        }
      } else if (t < terms.length && terms[t].kind == Index.Kind.NEW_AXIS) {
        source[out] = -1;
        dims[out++] = 1;
      } else if (t < terms.length) {
        Index term = terms[t];
        long dim = shape.dim(axis);
        if (term.kind == Index.Kind.AT) {
          starts[axis] = position(term, dim, axis, shape);
        } else {
          long count = term.count(dim);
          starts[axis] = count == 0 ? 0 : term.first(dim);
          source[out] = axis;
          steps[out] = term.step;
          dims[out++] = count;
        }
        axis++;
      }
    }
    int rank = out;
    return new Plan(
        Shape.of(Arrays.copyOf(dims, rank)),
        (strides, offset) -> {
          for (int i = 0; i < starts.length; i++) {
            offset[0] += starts[i] * strides[i];
          }
          long[] result = new long[rank];
          for (int i = 0; i < rank; i++) {
            // An axis of at most one element needs no step, and a huge step would overflow.
            result[i] = source[i] < 0 || dims[i] <= 1 ? 0 : strides[source[i]] * steps[i];
          }
          return result;
        });
  }

  private static long position(Index term, long dim, int axis, Shape shape) {
    long given = java.util.Objects.requireNonNull(term.start);
    long at = given < 0 ? given + dim : given;
    if (at < 0 || at >= dim) {
      throw new IndexOutOfBoundsException(
          "index: " + given + " is out of range for axis " + axis + " of shape " + shape);
    }
    return at;
  }

  static Plan diagonal(Shape shape, int first, int second) {
    int a = shape.axis("diagonal", first);
    int b = shape.axis("diagonal", second);
    if (a == b) {
      throw new IllegalArgumentException(
          "diagonal: axes are the same: " + first + " and " + second + " of shape " + shape);
    }
    long[] dims = new long[shape.rank() - 1];
    int[] source = new int[dims.length];
    int n = 0;
    for (int i = 0; i < shape.rank(); i++) {
      if (i != a && i != b) {
        source[n] = i;
        dims[n++] = shape.dim(i);
      }
    }
    dims[n] = Math.min(shape.dim(a), shape.dim(b));
    int rest = n;
    return new Plan(
        Shape.of(dims),
        (strides, offset) -> {
          long[] result = new long[rest + 1];
          for (int i = 0; i < rest; i++) {
            result[i] = strides[source[i]];
          }
          result[rest] = strides[a] + strides[b];
          return result;
        });
  }
}
