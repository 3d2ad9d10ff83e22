package dev.quern.internal;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.internal.Node.Constant;
import dev.quern.internal.Node.Elementwise;
import dev.quern.internal.Node.Product;
import dev.quern.internal.Node.State;
import dev.quern.internal.Node.Stored;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one kernel computes: grows a region of deferred nodes upwards from a root until only
 * stored values remain or a bound is met, and writes it as a {@link Program}; or finds a matrix
 * product with its epilogue. Runs under {@link Graph#lock}.
 *
 * <p>Bounds keep a region at a few dozen nodes, so sets are arrays searched in line.
 */
final class Planner {
  /** A value is fused away twice at most (once forward, once backward); then it is written out. */
  private static final int MAX_EVALUATIONS = 2;

  /** What to do for one node: first {@code missing}, or else one of the two kernels. */
  sealed interface Plan permits First, Map, Multiply {}

  /** Deferred values that must be stored before the node can be planned again. */
  record First(List<Node> missing) implements Plan {}

  /**
   * One pass over elements.
   *
   * @param program the program; output i is the value of {@code outputs[i]}
   * @param inputs the stored nodes it reads
   * @param outputs the nodes it computes for keeps; the root first
   * @param region all nodes it computes, in order
   */
  record Map(Program program, List<Node> inputs, List<Node> outputs, List<Node> region)
      implements Plan {}

  /** {@code output = activation(a . b + bias)}. */
  record Multiply(
      Node a,
      Node b,
      @Nullable Node bias,
      @Nullable Op activation,
      Precision precision,
      Node output,
      List<Node> region)
      implements Plan {}

  private final Node root;
  private final List<Node> region = new ArrayList<>();
  private final List<Node> leaves = new ArrayList<>();
  private final List<Node> constants = new ArrayList<>();

  private Planner(Node root) {
    this.root = root;
  }

  /** Plans the computation of a deferred or constant node. */
  static Plan plan(Node root) {
    if (root.state() instanceof Constant c) {
      Program fill = Program.fill(root.dtype, c.bits());
      return new Map(fill, List.of(), List.of(root), List.of(root));
    }
    Multiply product = product(root);
    if (product != null) {
      if (product.a().state() instanceof Stored && product.b().state() instanceof Stored) {
        return product;
      }
      List<Node> missing = new ArrayList<>(2);
      addMissing(product.a(), missing);
      addMissing(product.b(), missing);
      return new First(missing);
    }
    return new Planner(root).map(Program.MAX_OUTPUTS);
  }

  /**
   * Plans a deferred elementwise node as the prologue of a reduction: nothing else may be written.
   * Returns null where the node had better be stored first.
   */
  static @Nullable Plan prologue(Node root) {
    if (root.state() instanceof Elementwise
        && root.consumers == 0
        && root.evaluations < MAX_EVALUATIONS
        && product(root) == null) {
      Plan plan = new Planner(root).map(1);
      // Without an input the kernel would not know its extent.
      return plan instanceof Map map && map.inputs().isEmpty() ? null : plan;
    }
    return null;
  }

  private Plan map(int maxOutputs) {
    grow();
    if (!allStored(leaves)) {
      List<Node> missing = new ArrayList<>();
      leaves.forEach(leaf -> addMissing(leaf, missing));
      return new First(missing);
    }
    List<Node> ordered = new ArrayList<>(region.size());
    order(root, ordered);
    List<Node> outputs = new ArrayList<>(maxOutputs);
    outputs.add(root);
    for (Node node : ordered) {
      if (node != root && isWanted(node)) {
        outputs.add(node);
      }
    }
    if (outputs.size() > maxOutputs) {
      // The first in order depends on none of the others.
      return new First(List.of(outputs.get(1)));
    }
    return new Map(program(ordered, outputs), leaves, outputs, ordered);
  }

  // Replaces deferred leaves by their own operands, oldest first, while the bounds allow it.
  private void grow() {
    expand(root);
    for (int i = 0; i < leaves.size(); ) {
      Node leaf = leaves.get(i);
      if (isExpandable(leaf) && fits(leaf)) {
        leaves.remove(i);
        expand(leaf);
      } else {
        i++;
      }
    }
  }

  private boolean isExpandable(Node leaf) {
    return leaf.state() instanceof Elementwise
        && leaf.shape.equals(root.shape)
        && region.size() < Program.MAX_INSTRUCTIONS
        && product(leaf) == null;
  }

  private boolean fits(Node leaf) {
    int newLeaves = 0;
    int newConstants = 0;
    for (Node input : inputs(leaf)) {
      if (input.state() instanceof Constant) {
        newConstants++;
      } else if (place(leaves, input) < 0 && place(region, input) < 0) {
        newLeaves++;
      }
    }
    return leaves.size() - 1 + newLeaves <= Program.MAX_INPUTS
        && constants.size() + newConstants <= Program.MAX_CONSTANTS;
  }

  private void expand(Node node) {
    region.add(node);
    for (Node input : inputs(node)) {
      if (input.state() instanceof Constant) {
        constants.add(input);
      } else if (place(leaves, input) < 0 && place(region, input) < 0) {
        leaves.add(input);
      }
    }
  }

  private static Node[] inputs(Node node) {
    return ((Elementwise) node.state()).inputs();
  }

  // Depth is bounded by the region's size.
  private void order(Node node, List<Node> out) {
    if (place(region, node) < 0 || place(out, node) >= 0) {
      return;
    }
    for (Node input : inputs(node)) {
      order(input, out);
    }
    out.add(node);
  }

  /** Returns whether a fused-away node has a consumer elsewhere, or was recomputed often enough. */
  private boolean isWanted(Node node) {
    if (node.evaluations >= MAX_EVALUATIONS) {
      return true;
    }
    int inside = 0;
    for (Node consumer : region) {
      for (Node input : inputs(consumer)) {
        if (input == node) {
          inside++;
        }
      }
    }
    return node.consumers > inside;
  }

  private Program program(List<Node> ordered, List<Node> outputs) {
    DType[] inputTypes = new DType[leaves.size()];
    for (int i = 0; i < inputTypes.length; i++) {
      inputTypes[i] = leaves.get(i).dtype;
    }
    DType[] constantTypes = new DType[constants.size()];
    long[] bits = new long[constants.size()];
    int count = 0;
    for (Node constant : constants) {
      if (find(constant, constantTypes, bits, count) < 0) {
        constantTypes[count] = constant.dtype;
        bits[count++] = ((Constant) constant.state()).bits();
      }
    }
    Program.Instruction[] code = new Program.Instruction[ordered.size()];
    int first = inputTypes.length + count;
    for (int i = 0; i < code.length; i++) {
      Node node = ordered.get(i);
      Node[] in = inputs(node);
      int[] operand = {-1, -1, -1};
      for (int j = 0; j < in.length; j++) {
        if (in[j].state() instanceof Constant) {
          operand[j] = inputTypes.length + find(in[j], constantTypes, bits, count);
        } else {
          int leaf = place(leaves, in[j]);
          operand[j] = leaf >= 0 ? leaf : first + place(ordered, in[j]);
        }
      }
      Op op = ((Elementwise) node.state()).op();
      code[i] = new Program.Instruction(op, node.dtype, operand[0], operand[1], operand[2]);
    }
    int[] results = new int[outputs.size()];
    for (int i = 0; i < results.length; i++) {
      results[i] = first + place(ordered, outputs.get(i));
    }
    return new Program(
        inputTypes,
        java.util.Arrays.copyOf(constantTypes, count),
        java.util.Arrays.copyOf(bits, count),
        code,
        results);
  }

  private static int place(List<Node> nodes, Node wanted) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i) == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static int find(Node constant, DType[] types, long[] bits, int count) {
    long wanted = ((Constant) constant.state()).bits();
    for (int i = 0; i < count; i++) {
      if (types[i] == constant.dtype && bits[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Matches a product with its epilogue. Where the backend takes operands of a 16-bit type as they
   * are, their casts to F32 and the result's cast back belong to the product.
   */
  private static @Nullable Multiply product(Node node) {
    if (!node.dtype.isHalf()) {
      Multiply product = finished(node);
      return product == null ? null : narrowed(product);
    }
    if (node.state() instanceof Elementwise e
        && e.op() == Op.CAST
        && isAbsorbable(e.inputs()[0], node)) {
      Multiply wide = finished(e.inputs()[0]);
      Multiply product = wide == null ? null : narrowed(wide);
      if (product != null && product.a().dtype == node.dtype) {
        List<Node> region = new ArrayList<>(product.region());
        region.add(node);
        return new Multiply(
            product.a(),
            product.b(),
            product.bias(),
            product.activation(),
            product.precision(),
            node,
            region);
      }
    }
    return null;
  }

  private static Multiply narrowed(Multiply p) {
    Node a = half(p.a());
    Node b = half(p.b());
    if (a == null
        || b == null
        || a.dtype != b.dtype
        || p.precision() == Precision.F32
        || !a.engine.backend().multiplies(a.dtype)) {
      return p;
    }
    return new Multiply(a, b, p.bias(), p.activation(), p.precision(), p.output(), p.region());
  }

  /** Returns what a deferred cast from a 16-bit type to F32 casts. */
  private static @Nullable Node half(Node node) {
    boolean cast = node.state() instanceof Elementwise e && e.op() == Op.CAST;
    Node from = cast ? inputs(node)[0] : node;
    return from.dtype.isHalf() && node.dtype == DType.F32 ? from : null;
  }

  /** Matches activation(product + bias), product + bias, activation(product), product. */
  private static @Nullable Multiply finished(Node node) {
    State state = node.state();
    if (state instanceof Product p) {
      return new Multiply(p.a(), p.b(), null, null, p.precision(), node, List.of(node));
    }
    if (!(state instanceof Elementwise e) || !(e.op() == Op.ADD || Epilogue.accepts(e.op()))) {
      return null;
    }
    Node sum = node;
    Op activation = null;
    if (Epilogue.accepts(e.op())) {
      activation = e.op();
      Node inner = e.inputs()[0];
      if (!isAbsorbable(inner, node)) {
        return null;
      }
      if (inner.state() instanceof Product p) {
        return new Multiply(
            p.a(), p.b(), null, activation, p.precision(), node, List.of(node, inner));
      }
      if (!(inner.state() instanceof Elementwise innerElementwise)) {
        return null;
      }
      e = innerElementwise;
      sum = inner;
    }
    if (e.op() != Op.ADD) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Node product = e.inputs()[i];
      Node bias = e.inputs()[1 - i];
      if (product.state() instanceof Product p
          && isAbsorbable(product, node)
          && bias.state() instanceof Stored) {
        List<Node> region = sum == node ? List.of(node, product) : List.of(node, sum, product);
        return new Multiply(p.a(), p.b(), bias, activation, p.precision(), node, region);
      }
    }
    return null;
  }

  private static boolean isAbsorbable(Node inner, Node outer) {
    return inner.consumers == 1
        && inner.saves == 0
        && inner.evaluations == 0
        && inner.shape.equals(outer.shape);
  }

  private static boolean allStored(List<Node> nodes) {
    for (Node node : nodes) {
      if (!(node.state() instanceof Stored)) {
        return false;
      }
    }
    return true;
  }

  private static void addMissing(Node node, List<Node> missing) {
    if (!(node.state() instanceof Stored)) {
      missing.add(node);
    }
  }
}
