package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Shape;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Family layout. */
final class LayoutOperators {
  private LayoutOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Concat", Operator.of(LayoutOperators::concat)),
        entry("Expand", Operator.of(LayoutOperators::expand)),
        entry("Flatten", Operator.of(c -> flatten(c.in(0), c.axis("axis", 1)))),
        entry("Identity", Operator.unary(x -> x)),
        entry("Pad", Operator.of(LayoutOperators::pad)),
        entry("Reshape", Operator.of(LayoutOperators::reshape)),
        entry("Shape", Operator.of(LayoutOperators::shape)),
        entry("Size", Operator.of(c -> Tensor.of(new long[] {c.in(0).size()}).reshape())),
        entry("Slice", Operator.of(LayoutOperators::slice)),
        entry("Split", LayoutOperators::split),
        entry("Squeeze", Operator.of(LayoutOperators::squeeze)),
        entry("Tile", Operator.of(LayoutOperators::tile)),
        entry("Transpose", Operator.of(LayoutOperators::transpose)),
        entry("Trilu", Operator.of(LayoutOperators::trilu)),
        entry("Unsqueeze", Operator.of(LayoutOperators::unsqueeze)));
  }

  /** Returns the tensor as a matrix: the axes before {@code axis}, and the others. */
  static Tensor flatten(Tensor x, int axis) {
    int at = axis < 0 ? axis + x.rank() : axis;
    if (at < 0 || at > x.rank()) {
      throw new IllegalArgumentException(
          "flatten: axis " + axis + " is out of range for shape " + x.shape());
    }
    long rows = Arrays.stream(x.shape().dims(), 0, at).reduce(1, Math::multiplyExact);
    long columns = Arrays.stream(x.shape().dims(), at, x.rank()).reduce(1, Math::multiplyExact);
    return x.reshape(rows, columns);
  }

  /** Returns the tensor with its last axis moved to a position. */
  static Tensor lastAxisTo(Tensor x, int position) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank() - 1).boxed().toList());
    order.add(position, x.rank() - 1);
    return x.permute(order.stream().mapToInt(Integer::intValue).toArray());
  }

  private static long[] axesBelow(int rank) {
    return LongStream.range(0, rank).toArray();
  }

  private static Tensor concat(OperatorCall call) {
    Tensor[] parts = new Tensor[call.inputs()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = call.in(i);
    }
    return Tensor.concat(call.axis("axis", call.opset() < 4 ? 1 : 0), parts);
  }

  private static Tensor expand(OperatorCall call) {
    Shape target = Shape.broadcast("expand", call.in(0).shape(), Shape.of(call.longs(1)));
    return call.in(0).broadcastTo(target.dims());
  }

  private static Tensor pad(OperatorCall call) {
    Tensor x = call.in(0);
    String mode = call.text("mode", "constant");
    long[] pads = call.has(1) ? call.longs(1) : call.integers("pads");
    double value = call.number("value", 0);
    Tensor fill = call.has(2) ? call.in(2) : Tensor.scalar(x.dtype(), value);
    long[] axes = call.has(3) ? call.longs(3) : axesBelow(x.rank());
    if (pads.length != 2 * axes.length) {
      throw new IllegalArgumentException(
          "pad: " + pads.length + " amounts for " + axes.length + " axes");
    }
    for (int i = 0; i < axes.length; i++) {
      int axis = Math.toIntExact(axes[i]);
      long before = pads[i];
      long after = pads[i + axes.length];
      // A negative amount takes elements away.
      long end = x.dim(axis) - Math.max(0, -after);
      x = x.slice(axis, Math.max(0, -before), Math.max(0, end));
      before = Math.max(0, before);
      after = Math.max(0, after);
      x =
          mode.equals("constant")
              ? Tensor.concat(axis, block(x, axis, before, fill), x, block(x, axis, after, fill))
              : x.indexSelect(axis, sources(call, mode, x.dim(axis), before, after));
    }
    return x;
  }

  private static Tensor block(Tensor x, int axis, long extent, Tensor fill) {
    long[] dims = x.shape().dims();
    dims[x.shape().axis("pad", axis)] = extent;
    return fill.reshape().broadcastTo(dims);
  }

  /** Returns where on an axis of n each element of the padded axis comes from. */
  private static Tensor sources(OperatorCall call, String mode, long n, long before, long after) {
    long[] from = new long[Math.toIntExact(before + n + after)];
    long period = Math.max(1, 2 * (n - 1));
    for (int i = 0; i < from.length; i++) {
      long at = i - before;
      long folded = Math.floorMod(at, period);
      from[i] =
          switch (mode) {
            case "edge" -> Math.max(0, Math.min(n - 1, at));
            case "reflect" -> Math.min(folded, period - folded);
            case "wrap" -> Math.floorMod(at, n);
            default -> throw call.unsupported("mode " + mode);
          };
    }
    return Tensor.of(from, from.length);
  }

  private static Tensor reshape(OperatorCall call) {
    Tensor x = call.in(0);
    long[] dims = call.has(1) ? call.longs(1) : call.integers("shape");
    boolean zeroIsExtent = call.flag("allowzero", false);
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && !zeroIsExtent) {
        dims[i] = x.dim(i);
      }
    }
    return x.reshape(dims);
  }

  private static Tensor shape(OperatorCall call) {
    long[] dims = call.in(0).shape().dims();
    Tensor whole = Tensor.of(dims, dims.length);
    return whole.slice(0, call.integer("start", 0), call.integer("end", dims.length));
  }

  private static Tensor slice(OperatorCall call) {
    Tensor x = call.in(0);
    boolean attributes = call.opset() < 10;
    long[] starts = attributes ? call.integers("starts") : call.longs(1);
    long[] ends = attributes ? call.integers("ends") : call.longs(2);
    long[] axes = axesBelow(starts.length);
    if (call.has(3)) {
      axes = call.longs(3);
    } else if (attributes && call.hasAttribute("axes")) {
      axes = call.integers("axes");
    }
    for (int i = 0; i < axes.length; i++) {
      long step = call.has(4) ? call.longs(4)[i] : 1;
      x = slice(x, Math.toIntExact(axes[i]), starts[i], ends[i], step);
    }
    return x;
  }

  /** Unlike in NumPy, a start before the axis counts as its first position in either direction. */
  private static Tensor slice(Tensor x, int axis, long start, long end, long step) {
    long first = start < 0 ? start + x.dim(axis) : start;
    return x.slice(axis, Math.max(0, first), end, step);
  }

  private static List<Tensor> split(OperatorCall call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", 0);
    long n = x.dim(axis);
    long parts = call.integer("num_outputs", call.outputs());
    long[] sizes = new long[Math.toIntExact(parts)];
    // The last part takes what an uneven division leaves.
    Arrays.fill(sizes, (n + parts - 1) / Math.max(1, parts));
    if (call.has(1)) {
      sizes = call.longs(1);
    } else if (call.hasAttribute("split")) {
      sizes = call.integers("split");
    }
    List<Tensor> out = new ArrayList<>();
    long start = 0;
    for (long size : sizes) {
      long end = Math.min(n, start + size);
      out.add(x.slice(axis, start, end));
      start = end;
    }
    return out;
  }

  private static Tensor squeeze(OperatorCall call) {
    long[] axes = new long[0];
    if (call.has(1)) {
      axes = call.longs(1);
    } else if (call.hasAttribute("axes")) {
      axes = call.integers("axes");
    }
    return call.in(0).squeeze(Arrays.stream(axes).mapToInt(Math::toIntExact).toArray());
  }

  private static Tensor unsqueeze(OperatorCall call) {
    long[] axes = call.has(1) ? call.longs(1) : call.integers("axes");
    int rank = call.in(0).rank() + axes.length;
    Tensor out = call.in(0);
    for (long axis : Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray()) {
      out = out.unsqueeze(Math.toIntExact(axis));
    }
    return out;
  }

  /** Repeats an axis of n by broadcasting [1, n] to [repeats, n]. */
  private static Tensor tile(OperatorCall call) {
    Tensor x = call.in(0);
    long[] repeats = call.longs(1);
    for (int axis = 0; axis < repeats.length; axis++) {
      Tensor spread = x.unsqueeze(axis);
      long[] dims = spread.shape().dims();
      dims[axis] = repeats[axis];
      long[] merged = x.shape().dims();
      merged[axis] *= repeats[axis];
      x = spread.broadcastTo(dims).reshape(merged);
    }
    return x;
  }

  private static Tensor transpose(OperatorCall call) {
    Tensor x = call.in(0);
    int[] order = IntStream.iterate(x.rank() - 1, i -> i >= 0, i -> i - 1).toArray();
    if (call.hasAttribute("perm")) {
      order = Arrays.stream(call.integers("perm")).mapToInt(Math::toIntExact).toArray();
    }
    return x.permute(order);
  }

  private static Tensor trilu(OperatorCall call) {
    Tensor x = call.in(0);
    double diagonal = call.has(1) ? call.single(1) : 0;
    Tensor above = Tensor.arange(x.dim(-1)).sub(Tensor.arange(x.dim(-2)).unsqueeze(1));
    boolean upper = call.flag("upper", true);
    Tensor kept = upper ? above.ge(diagonal) : above.le(diagonal);
    return Tensor.where(kept, x, x.zerosLike());
  }
}
