package dev.quern.trainer.verify;

import static dev.quern.trainer.verify.Operators.one;
import static dev.quern.trainer.verify.Operators.several;

import dev.quern.Index;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Shapes, joins, slices and picks. */
final class LayoutOperators {
  private LayoutOperators() {}

  static void register() {
    one("Concat", c -> Tensor.concat(c.integer("axis", 0), c.all().toArray(new Tensor[0])));
    one("Expand", LayoutOperators::expand);
    one("Flatten", LayoutOperators::flatten);
    one("Reshape", LayoutOperators::reshape);
    one("Shape", LayoutOperators::shape);
    one("Slice", LayoutOperators::slice);
    several("Split", LayoutOperators::split);
    one("Squeeze", c -> c.in(0).squeeze(axes(c)));
    one("Unsqueeze", LayoutOperators::unsqueeze);
    one("Transpose", LayoutOperators::transpose);
    one("Tile", LayoutOperators::tile);
    one("Trilu", LayoutOperators::trilu);
    one("Gather", c -> c.in(0).indexSelect(c.integer("axis", 0), c.in(1)));
    one("GatherElements", c -> c.in(0).gather(c.integer("axis", 0), c.in(1)));
    one("OneHot", LayoutOperators::oneHot);
    // A scalar, not a vector of one.
    one("Size", c -> Tensor.of(new long[] {c.in(0).size()}).reshape());
  }

  private static int[] axes(Call c) {
    long[] given = c.longs(1);
    return given == null ? new int[0] : Arrays.stream(given).mapToInt(Math::toIntExact).toArray();
  }

  private static Tensor expand(Call c) {
    Shape target = Shape.of(Objects.requireNonNull(c.longs(1)));
    return c.in(0).broadcastTo(Shape.broadcast("expand", c.in(0).shape(), target).dims());
  }

  private static Tensor flatten(Call c) {
    Tensor x = c.in(0);
    int axis = c.integer("axis", 1);
    int at = axis < 0 ? axis + x.rank() : axis;
    long rows = 1;
    for (int i = 0; i < at; i++) {
      rows *= x.dim(i);
    }
    return x.reshape(rows, x.size() / rows);
  }

  private static Tensor reshape(Call c) {
    long[] dims = Objects.requireNonNull(c.longs(1));
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && !c.flag("allowzero", false)) {
        dims[i] = c.in(0).dim(i);
      }
    }
    return c.in(0).reshape(dims);
  }

  private static Tensor shape(Call c) {
    long[] dims = c.in(0).shape().dims();
    Tensor all = Tensor.of(dims, dims.length);
    Index range = Index.range(c.integer("start", 0), c.integer("end", dims.length));
    return all.slice(0, range);
  }

  private static Tensor slice(Call c) {
    long[] starts = Objects.requireNonNull(c.longs(1));
    long[] ends = Objects.requireNonNull(c.longs(2));
    long[] axes = c.longs(3);
    long[] steps = c.longs(4);
    Tensor x = c.in(0);
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : Math.toIntExact(axes[i]);
      x = x.slice(axis, starts[i], ends[i], steps == null ? 1 : steps[i]);
    }
    return x;
  }

  private static List<Tensor> split(Call c) {
    Tensor x = c.in(0);
    int axis = c.integer("axis", 0);
    long[] sizes = c.longs(1);
    int count = sizes == null ? c.integer("num_outputs", c.outputs()) : sizes.length;
    long even = (x.dim(axis) + count - 1) / count;
    List<Tensor> out = new ArrayList<>();
    long start = 0;
    for (int i = 0; i < count; i++) {
      long end = Math.min(x.dim(axis), start + (sizes == null ? even : sizes[i]));
      out.add(x.slice(axis, start, end));
      start = end;
    }
    return out;
  }

  private static Tensor unsqueeze(Call c) {
    Tensor x = c.in(0);
    int[] axes = axes(c);
    int rank = x.rank() + axes.length;
    int[] sorted = Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
    for (int axis : sorted) {
      x = x.unsqueeze(axis);
    }
    return x;
  }

  private static Tensor transpose(Call c) {
    int[] order = c.integers("perm");
    if (order == null) {
      int rank = c.in(0).rank();
      order = new int[rank];
      for (int i = 0; i < rank; i++) {
        order[i] = rank - 1 - i;
      }
    }
    return c.in(0).permute(order);
  }

  private static Tensor tile(Call c) {
    Tensor x = c.in(0);
    long[] repeats = Objects.requireNonNull(c.longs(1));
    for (int axis = 0; axis < repeats.length; axis++) {
      long[] dims = x.shape().dims();
      long[] spread = x.unsqueeze(axis).shape().dims();
      spread[axis] = repeats[axis];
      dims[axis] *= repeats[axis];
      x = x.unsqueeze(axis).broadcastTo(spread).reshape(dims);
    }
    return x;
  }

  private static Tensor trilu(Call c) {
    Tensor x = c.in(0);
    long[] k = c.longs(1);
    Tensor row = Tensor.arange(x.dim(-2)).unsqueeze(1).add(k == null ? 0 : (double) k[0]);
    Tensor column = Tensor.arange(x.dim(-1));
    Tensor kept = c.flag("upper", true) ? column.ge(row) : column.le(row);
    return Tensor.where(kept, x, x.zerosLike());
  }

  private static Tensor oneHot(Call c) {
    long depth = c.in(1).itemLong();
    Tensor values = c.in(2);
    Tensor hot = c.in(0).cast(dev.quern.DType.I64).mod((double) depth).oneHot(depth).eq(1);
    Tensor out = Tensor.where(hot, values.get(1), values.get(0));
    int rank = out.rank();
    int axis = c.integer("axis", -1);
    int at = axis < 0 ? axis + rank : axis;
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == at ? rank - 1 : i < at ? i : i - 1;
    }
    return out.permute(order);
  }
}
