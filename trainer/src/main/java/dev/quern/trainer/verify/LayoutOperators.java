package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.PadMode;
import dev.quern.Shape;
import dev.quern.Tensor;
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
        entry("Tile", Operator.of(c -> c.in(0).tile(c.longs(1)))),
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
    double value = call.has(2) ? call.in(2).item() : call.number("value", 0);
    long[] axes = call.has(3) ? call.longs(3) : axesBelow(x.rank());
    if (pads.length != 2 * axes.length) {
      throw new IllegalArgumentException(
          "pad: " + pads.length + " amounts for " + axes.length + " axes");
    }
    long[] before = new long[x.rank()];
    long[] after = new long[x.rank()];
    for (int i = 0; i < axes.length; i++) {
      int axis = x.shape().axis("pad", Math.toIntExact(axes[i]));
      before[axis] = pads[i];
      after[axis] = pads[i + axes.length];
    }
    return switch (mode) {
      case "constant" -> x.pad(before, after, value);
      case "edge" -> x.pad(before, after, PadMode.EDGE);
      case "reflect" -> x.pad(before, after, PadMode.REFLECT);
      case "wrap" -> x.pad(before, after, PadMode.WRAP);
      default -> throw call.unsupported("mode " + mode);
    };
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
    long parts = call.integer("num_outputs", call.outputs());
    if (call.has(1)) {
      return x.split(axis, call.longs(1));
    }
    return call.hasAttribute("split")
        ? x.split(axis, call.integers("split"))
        : x.chunk(axis, Math.toIntExact(parts));
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

  private static Tensor transpose(OperatorCall call) {
    Tensor x = call.in(0);
    int[] order = IntStream.iterate(x.rank() - 1, i -> i >= 0, i -> i - 1).toArray();
    if (call.hasAttribute("perm")) {
      order = Arrays.stream(call.integers("perm")).mapToInt(Math::toIntExact).toArray();
    }
    return x.permute(order);
  }

  private static Tensor trilu(OperatorCall call) {
    long diagonal = call.has(1) ? call.single(1) : 0;
    return call.flag("upper", true) ? call.in(0).triu(diagonal) : call.in(0).tril(diagonal);
  }
}
