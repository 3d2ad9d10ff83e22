package dev.quern;

import dev.quern.internal.Node;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One recorded operation of the autograd graph, or a leaf. Counted like graph nodes: handles and
 * later operations hold it, and with the last one gone it gives up what it saved.
 */
final class GradNode {
  /** The gradient with respect to one operand, in the result's or the operand's shape. */
  @FunctionalInterface
  interface Backward {
    Tensor apply(int operand, Tensor gradient);
  }

  private static final AtomicLong IDS = new AtomicLong();

  /** Later operations have greater numbers: descending order is a topological order. */
  final long id = IDS.incrementAndGet();

  final String op;
  final @Nullable GradNode[] parents;
  final Shape[] shapes;
  final DType[] dtypes;
  final @Nullable Tensor leaf;
  private final Node[] saved;
  private @Nullable Backward backward;
  private int refs = 1;

  /** Creates a leaf. */
  GradNode(Tensor leaf) {
    this.op = "leaf";
    this.leaf = leaf;
    this.parents = new GradNode[0];
    this.shapes = new Shape[0];
    this.dtypes = new DType[0];
    this.saved = new Node[0];
  }

  /** Records an operation; retains its parents and saves the nodes. */
  GradNode(String op, Tensor[] inputs, Node[] saved, Backward backward) {
    this.op = op;
    this.leaf = null;
    this.saved = saved;
    this.backward = backward;
    this.parents = new GradNode[inputs.length];
    this.shapes = new Shape[inputs.length];
    this.dtypes = new DType[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      GradNode parent = inputs[i].gradNode();
      shapes[i] = inputs[i].shape();
      dtypes[i] = inputs[i].dtype();
      if (parent != null) {
        synchronized (parent) {
          parent.refs++;
        }
        parents[i] = parent;
      }
    }
    for (Node node : saved) {
      node.save();
    }
  }

  boolean isLeaf() {
    return leaf != null;
  }

  /**
   * Returns the rule.
   *
   * @throws IllegalStateException if backward already ran through here
   */
  Backward backward() {
    Backward rule = backward;
    if (rule == null) {
      throw new IllegalStateException(
          "backward: " + op + " was already walked and its saved values are freed");
    }
    return rule;
  }

  /** Gives up what was saved. */
  synchronized void freeSaved() {
    if (backward != null) {
      backward = null;
      for (Node node : saved) {
        node.unsave();
      }
    }
  }

  /** Removes a holder. */
  void release() {
    ArrayDeque<GradNode> queue = new ArrayDeque<>();
    queue.add(this);
    // A graph may be arbitrarily deep: walked with a queue, never by recursion.
    for (GradNode next = queue.poll(); next != null; next = queue.poll()) {
      synchronized (next) {
        if (--next.refs > 0) {
          continue;
        }
      }
      next.freeSaved();
      for (GradNode parent : next.parents) {
        if (parent != null) {
          queue.add(parent);
        }
      }
    }
  }
}
