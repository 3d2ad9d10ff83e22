package dev.quern;

import dev.quern.internal.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Records operations on tensors that require a gradient, and walks the record backwards. */
final class Autograd {
  private static final ThreadLocal<Boolean> DISABLED = ThreadLocal.withInitial(() -> false);

  private Autograd() {}

  static <T extends @Nullable Object> T without(Supplier<T> body) {
    boolean before = DISABLED.get();
    DISABLED.set(true);
    try {
      return body.get();
    } finally {
      DISABLED.set(before);
    }
  }

  static boolean needed(Tensor... inputs) {
    for (Tensor input : inputs) {
      if (input.gradNode() != null) {
        return !DISABLED.get();
      }
    }
    return false;
  }

  /** Makes {@code out} remember how it was made, if anyone will ask. */
  static Tensor record(
      String op, Tensor out, Tensor[] inputs, Node[] saved, GradNode.Backward backward) {
    if (out.dtype().isFloat() && needed(inputs)) {
      out.setGradNode(new GradNode(op, inputs, saved, backward));
    }
    return out;
  }

  static void backward(Tensor root, Tensor seed, boolean retainGraph) {
    GradNode start = root.gradNode();
    if (start == null) {
      throw new IllegalStateException("backward: no operand of the tensor requires a gradient");
    }
    without(
        () -> {
          walk(start, seed, retainGraph);
          return null;
        });
  }

  private static void walk(GradNode start, Tensor seed, boolean retainGraph) {
    Map<GradNode, Tensor> gradients = new HashMap<>();
    PriorityQueue<GradNode> queue = new PriorityQueue<>((a, b) -> Long.compare(b.id, a.id));
    try {
      add(gradients, queue, start, () -> seed.snapshot());
      for (GradNode node = queue.poll(); node != null; node = queue.poll()) {
        Tensor gradient = gradients.remove(node);
        if (gradient == null) {
          throw new AssertionError("backward: " + node.op + " queued without a gradient");
        }
        if (node.leaf != null) {
          node.leaf.accumulateGrad(gradient);
          continue;
        }
        try {
          step(node, gradient, gradients, queue);
        } finally {
          gradient.close();
        }
        if (!retainGraph) {
          node.freeSaved();
        }
      }
    } finally {
      gradients.values().forEach(Tensor::close);
    }
  }

  private static void step(
      GradNode node,
      Tensor gradient,
      Map<GradNode, Tensor> gradients,
      PriorityQueue<GradNode> queue) {
    GradNode.Backward rule = node.backward();
    for (int i = 0; i < node.parents.length; i++) {
      GradNode parent = node.parents[i];
      if (parent == null) {
        continue;
      }
      int operand = i;
      add(
          gradients,
          queue,
          parent,
          () -> rule.apply(operand, gradient).sumTo(node.shapes[operand]).as(node.dtypes[operand]));
    }
  }

  /** Adds to a node's gradient; temporaries are freed, the sum belongs to the map alone. */
  private static void add(
      Map<GradNode, Tensor> gradients,
      PriorityQueue<GradNode> queue,
      GradNode node,
      Supplier<Tensor> contribution) {
    try (Scope scope = Scope.open()) {
      Tensor made = contribution.get();
      Tensor before = gradients.get(node);
      Tensor sum = before == null ? made.alias() : before.add(made);
      scope.disown(sum);
      gradients.put(node, sum);
      if (before == null) {
        queue.add(node);
      } else {
        before.close();
      }
    }
  }
}
