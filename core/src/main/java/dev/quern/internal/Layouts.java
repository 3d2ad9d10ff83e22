package dev.quern.internal;

import dev.quern.Shape;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arithmetic on strides: broadcasting, merging axes, reshaping without a copy. */
public final class Layouts {
  private Layouts() {}

  /** Returns the strides of a row-major array. */
  public static long[] contiguous(Shape shape) {
    long[] strides = new long[shape.rank()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape.dim(i));
    }
    return strides;
  }

  /** Returns whether the elements lie one after the other in row-major order. */
  public static boolean isContiguous(Shape shape, long[] strides) {
    long expected = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      long dim = shape.dim(i);
      if (dim != 1 && strides[i] != expected) {
        return false;
      }
      expected *= dim;
    }
    return true;
  }

  /** Returns strides that show {@code from} as {@code to}, to which it broadcasts. */
  public static long[] broadcast(Shape from, long[] strides, Shape to) {
    if (from.equals(to)) {
      return strides;
    }
    long[] out = new long[to.rank()];
    int shift = to.rank() - from.rank();
    for (int i = 0; i < from.rank(); i++) {
      out[i + shift] = from.dim(i) == 1 ? 0 : strides[i];
    }
    return out;
  }

  /** Returns strides that show the same elements as {@code to}, or null if only a copy can. */
  public static long @Nullable [] reshape(Shape from, long[] strides, Shape to) {
    if (from.size() == 0 || isContiguous(from, strides)) {
      return contiguous(to);
    }
    // Axes of 1 say nothing; what remains is matched in groups of equal size.
    List<long[]> old = new ArrayList<>();
    for (int i = 0; i < from.rank(); i++) {
      if (from.dim(i) != 1) {
        old.add(new long[] {from.dim(i), strides[i]});
      }
    }
    long[] out = new long[to.rank()];
    int o = 0;
    int n = 0;
    while (o < old.size()) {
      int firstOld = o;
      int firstNew = n;
      long oldSize = old.get(o++)[0];
      long newSize = 1;
      while (newSize != oldSize) {
        if (newSize < oldSize) {
          newSize *= to.dim(n++);
        } else {
          oldSize *= old.get(o++)[0];
        }
      }
      for (int i = firstOld; i + 1 < o; i++) {
        if (old.get(i)[1] != old.get(i + 1)[0] * old.get(i + 1)[1]) {
          return null;
        }
      }
      long step = old.get(o - 1)[1];
      for (int i = n - 1; i >= firstNew; i--) {
        out[i] = step;
        step *= to.dim(i);
      }
    }
    return out;
  }

  /**
   * Merges neighbouring axes that every view walks in one stride and drops axes of 1, in two
   * groups: the axes before {@code split} and those after are never merged with each other.
   *
   * @param views views of one shape; where an output lacks the axes after the split, it is not
   *     among them
   * @return the views, canonical
   */
  public static Merged merge(List<View> views, long[] shape, int split) {
    int rank = shape.length;
    if (rank == 0 || (rank == 1 && shape[0] != 1)) {
      return new Merged(views, shape, Math.min(rank, split), new int[rank]);
    }
    int[] group = new int[rank];
    int axes = 0;
    int kept = 0;
    int last = -1;
    for (int i = 0; i < rank; i++) {
      if (i == split) {
        last = -1;
      }
      if (shape[i] == 1) {
        group[i] = -1;
        continue;
      }
      if (last >= 0 && mergeable(views, last, i, shape[i])) {
        group[i] = axes - 1;
      } else {
        group[i] = axes++;
        if (i < split) {
          kept = axes;
        }
      }
      last = i;
    }
    long[] dims = new long[axes];
    java.util.Arrays.fill(dims, 1);
    for (int i = 0; i < rank; i++) {
      if (group[i] >= 0) {
        dims[group[i]] *= shape[i];
      }
    }
    List<View> out = new ArrayList<>(views.size());
    for (View view : views) {
      long[] strides = new long[axes];
      for (int i = 0; i < rank; i++) {
        if (group[i] >= 0) {
          strides[group[i]] = view.strides()[i];
        }
      }
      out.add(new View(view.buffer(), dims, strides, view.offset()));
    }
    return new Merged(out, dims, kept, group);
  }

  /**
   * What {@link #merge} returns.
   *
   * @param views the canonical views
   * @param shape their shape
   * @param kept how many axes came from before the split
   * @param group the new axis of each old one, -1 where it was dropped
   */
  public record Merged(List<View> views, long[] shape, int kept, int[] group) {
    /** Returns a view of the kept axes only, merged likewise. */
    public View kept(View view) {
      long[] dims = java.util.Arrays.copyOf(shape, kept);
      long[] strides = new long[kept];
      for (int i = 0; i < view.rank(); i++) {
        if (group[i] >= 0) {
          strides[group[i]] = view.strides()[i];
        }
      }
      return new View(view.buffer(), dims, strides, view.offset());
    }
  }

  private static boolean mergeable(List<View> views, int outer, int inner, long innerDim) {
    for (View view : views) {
      if (view.strides()[outer] != view.strides()[inner] * innerDim) {
        return false;
      }
    }
    return true;
  }
}
