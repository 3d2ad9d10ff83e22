package dev.quern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Padding, repeating, splitting and triangles, composed from views, joins and selections. */
final class Shaping {
  private Shaping() {}

  /** What fills the places beyond one end of an axis. */
  private interface Filler {
    Tensor apply(Tensor x, int axis, long before, long after);
  }

  static Tensor pad(Tensor x, long[] before, long[] after, double value) {
    Tensor fill = Tensor.full(x.dtype(), value).to(x.device());
    return pad(
        x,
        before,
        after,
        (t, axis, first, last) ->
            Tensor.concat(axis, block(t, axis, first, fill), t, block(t, axis, last, fill)));
  }

  private static Tensor block(Tensor x, int axis, long extent, Tensor fill) {
    long[] dims = x.shape().dims();
    dims[axis] = extent;
    return fill.broadcastTo(dims);
  }

  static Tensor pad(Tensor x, long[] before, long[] after, PadMode mode) {
    return pad(
        x,
        before,
        after,
        (t, axis, first, last) -> {
          long n = t.dim(axis);
          if (n == 0) {
            throw new IllegalArgumentException(
                "pad: axis " + axis + " is empty, which leaves nothing to repeat: " + x.shape());
          }
          return t.indexSelect(axis, sources(t, mode, n, first, last));
        });
  }

  private static Tensor pad(Tensor x, long[] before, long[] after, Filler filler) {
    if (before.length != x.rank() || after.length != x.rank()) {
      throw new IllegalArgumentException(
          "pad: one amount for each axis is needed: "
              + Arrays.toString(before)
              + " and "
              + Arrays.toString(after)
              + " for shape "
              + x.shape());
    }
    Tensor out = x;
    for (int axis = 0; axis < before.length; axis++) {
      long n = x.dim(axis);
      if (Math.max(0, -before[axis]) + Math.max(0, -after[axis]) > n) {
        throw new IllegalArgumentException(
            "pad: amounts "
                + before[axis]
                + " and "
                + after[axis]
                + " take more than axis "
                + axis
                + " has: "
                + x.shape());
      }
      if (before[axis] < 0 || after[axis] < 0) {
        out = out.slice(axis, Math.max(0, -before[axis]), n - Math.max(0, -after[axis]));
      }
      long first = Math.max(0, before[axis]);
      long last = Math.max(0, after[axis]);
      if (first > 0 || last > 0) {
        out = filler.apply(out, axis, first, last);
      }
    }
    return out == x ? x.alias() : out;
  }

  /** Returns where on an axis of n each element of the padded axis comes from. */
  private static Tensor sources(Tensor x, PadMode mode, long n, long before, long after) {
    long[] from = new long[Math.toIntExact(before + n + after)];
    long period = Math.max(1, 2 * (n - 1));
    for (int i = 0; i < from.length; i++) {
      long at = i - before;
      long folded = Math.floorMod(at, period);
      from[i] =
          switch (mode) {
            case EDGE -> Math.max(0, Math.min(n - 1, at));
            case REFLECT -> Math.min(folded, period - folded);
            case WRAP -> Math.floorMod(at, n);
          };
    }
    return Recorder.constant(() -> Tensor.of(from, from.length).to(x.device()));
  }

  /** Repeats an axis of n by broadcasting [1, n] to [repeats, n]. */
  static Tensor tile(Tensor x, long... repeats) {
    if (repeats.length != x.rank()) {
      throw new IllegalArgumentException(
          "tile: one count for each axis is needed: "
              + Arrays.toString(repeats)
              + " for shape "
              + x.shape());
    }
    Tensor out = x;
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] < 0) {
        throw new IllegalArgumentException(
            "tile: a count is negative: " + Arrays.toString(repeats) + " for shape " + x.shape());
      }
      if (repeats[axis] != 1) {
        Tensor spread = out.unsqueeze(axis);
        long[] dims = spread.shape().dims();
        dims[axis] = repeats[axis];
        long[] merged = out.shape().dims();
        merged[axis] *= repeats[axis];
        out = spread.broadcastTo(dims).reshape(merged);
      }
    }
    return out == x ? x.alias() : out;
  }

  static List<Tensor> split(Tensor x, int axis, long... sizes) {
    int a = x.shape().axis("split", axis);
    long total = 0;
    boolean negative = false;
    for (long size : sizes) {
      total += size;
      negative |= size < 0;
    }
    if (negative || total != x.dim(a)) {
      throw new IllegalArgumentException(
          "split: sizes "
              + Arrays.toString(sizes)
              + " do not make up axis "
              + axis
              + " of shape "
              + x.shape());
    }
    List<Tensor> out = new ArrayList<>(sizes.length);
    long start = 0;
    for (long size : sizes) {
      out.add(x.slice(a, start, start + size));
      start += size;
    }
    return out;
  }

  static List<Tensor> chunk(Tensor x, int axis, int parts) {
    long n = x.dim(axis);
    if (parts < 1) {
      throw new IllegalArgumentException("chunk: parts must be positive: " + parts);
    }
    long each = (n + parts - 1) / parts;
    long[] sizes = new long[parts];
    for (int i = 0; i < parts; i++) {
      sizes[i] = Math.max(0, Math.min(each, n - i * each));
    }
    return split(x, axis, sizes);
  }

  static Tensor triangle(Tensor x, boolean upper, long diagonal) {
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          (upper ? "triu" : "tril") + ": needs at least two axes: " + x.shape());
    }
    Tensor columns = x.range(x.dim(-1));
    Tensor rows = x.range(x.dim(-2)).unsqueeze(1);
    Tensor above = columns.sub(rows);
    Tensor kept = upper ? above.ge((double) diagonal) : above.le((double) diagonal);
    return Tensor.where(kept, x, x.zerosLike());
  }

  static Tensor moveAxis(Tensor x, int from, int to) {
    int source = x.shape().axis("moveAxis", from);
    int target = x.shape().axis("moveAxis", to);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (i != source) {
        order.add(i);
      }
    }
    order.add(target, source);
    return x.permute(order.stream().mapToInt(Integer::intValue).toArray());
  }
}
