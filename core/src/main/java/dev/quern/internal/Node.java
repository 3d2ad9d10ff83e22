package dev.quern.internal;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.Shape;
import dev.quern.spi.Op;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A value in the graph: stored, a constant, or deferred. Counts and the state's changes are guarded
 * by {@link Graph#LOCK}; a state itself is immutable.
 *
 * <p>{@code refs} counts who can still ask for the value: handles, deferred consumers, saved values
 * of the autograd graph. {@code consumers} counts the deferred consumers' operands among them.
 */
public final class Node {
  sealed interface State permits Constant, Elementwise, Product, Stored, Dead {}

  /** One value everywhere; raw bits as in {@code Program}. */
  record Constant(long bits) implements State {}

  /** A table op on operands that broadcast to this node's shape. */
  record Elementwise(Op op, Node[] inputs) implements State {}

  /** A matrix product of [..., M, K] and [..., K, N], F32 or F64. */
  record Product(Node a, Node b, Precision precision) implements State {}

  /** Elements in memory. */
  record Stored(Storage storage, long[] strides, long offset) implements State {}

  /** Nobody can ask for the value any more. */
  record Dead() implements State {}

  private static final Dead DEAD = new Dead();

  final Engine engine;
  final DType dtype;
  final Shape shape;
  private volatile State state;
  int refs = 1;
  int consumers;
  int saves;
  int evaluations;

  private Node(Engine engine, DType dtype, Shape shape, State state) {
    this.engine = engine;
    this.dtype = dtype;
    this.shape = shape;
    this.state = state;
  }

  static Node constant(Engine engine, DType dtype, Shape shape, long bits) {
    return new Node(engine, dtype, shape, new Constant(bits));
  }

  /** Returns a deferred elementwise operation; the operands are retained. */
  public static Node elementwise(Op op, DType dtype, Shape shape, Node... inputs) {
    Node node = new Node(inputs[0].engine, dtype, shape, new Elementwise(op, inputs));
    Graph.lock();
    try {
      for (Node input : inputs) {
        input.consume();
      }
    } finally {
      Graph.unlock();
    }
    return node;
  }

  /** Returns a deferred matrix product; the operands are retained. */
  public static Node product(Shape shape, Node a, Node b, Precision precision) {
    Node node = new Node(a.engine, a.dtype, shape, new Product(a, b, precision));
    Graph.lock();
    try {
      a.consume();
      b.consume();
    } finally {
      Graph.unlock();
    }
    return node;
  }

  /** Returns a stored node; the storage's count passes to it. */
  static Node stored(
      Engine engine, DType dtype, Shape shape, Storage storage, long[] strides, long offset) {
    return new Node(engine, dtype, shape, new Stored(storage, strides, offset));
  }

  State state() {
    return state;
  }

  /** Returns the element type. */
  public DType dtype() {
    return dtype;
  }

  /** Returns the shape. */
  public Shape shape() {
    return shape;
  }

  /** Returns the device's engine. */
  public Engine engine() {
    return engine;
  }

  /** Returns whether the value is deferred, so that using it would compute it. */
  public boolean isDeferred() {
    return state instanceof Elementwise || state instanceof Product;
  }

  /** Returns whether the elements may change: the caller of {@code wrap} or a replay does it. */
  public boolean isShared() {
    return isWrapped() || isReplayed();
  }

  /** Returns whether the elements are a caller's array. */
  public boolean isWrapped() {
    return state instanceof Stored stored && stored.storage().isWrapped();
  }

  /** Returns whether a replay may change the elements. */
  public boolean isReplayed() {
    return state instanceof Stored stored && stored.storage().isReplayed();
  }

  /** Returns whether the elements are among those that replays read or write. */
  boolean isTaped() {
    return state instanceof Stored stored && stored.storage().isTaped();
  }

  /** Goes on with a copy of the stored elements, whose storage's count passes to this node. */
  void moveTo(Stored copy) {
    Stored old = (Stored) state;
    state = copy;
    old.storage().release();
  }

  private void consume() {
    assert refs > 0 : "operand already freed";
    refs++;
    consumers++;
  }

  /** Adds a holder. */
  public void retain() {
    Graph.lock();
    try {
      assert refs > 0 : "value already freed";
      refs++;
    } finally {
      Graph.unlock();
    }
  }

  /** Adds the autograd graph as a holder: the value will be asked for again. */
  public void save() {
    Graph.lock();
    try {
      refs++;
      saves++;
    } finally {
      Graph.unlock();
    }
  }

  /** Reverses {@link #save}. */
  public void unsave() {
    Graph.lock();
    try {
      saves--;
      release(this);
    } finally {
      Graph.unlock();
    }
  }

  /** Removes a holder; the last one frees the value and what only it needed. */
  public void release() {
    Graph.lock();
    try {
      release(this);
    } finally {
      Graph.unlock();
    }
  }

  /** Puts the computed elements in place of the recipe; the storage's count passes to this node. */
  void become(Stored stored) {
    assert isDeferred() || state instanceof Constant;
    State old = state;
    state = stored;
    releaseInputs(old);
  }

  // A chain may be arbitrarily deep: walked with a queue, never by recursion.
  private static void release(Node node) {
    if (--node.refs == 0) {
      bury(kill(node, null));
    }
  }

  private static void releaseInputs(State recipe) {
    bury(dropInputs(recipe, null));
  }

  private static void bury(@Nullable ArrayDeque<Node> dead) {
    if (dead != null) {
      for (Node next = dead.poll(); next != null; next = dead.poll()) {
        kill(next, dead);
      }
    }
  }

  // The queue is made for the first node that dies with its consumer; mostly none does.
  private static @Nullable ArrayDeque<Node> kill(Node node, @Nullable ArrayDeque<Node> dead) {
    State old = node.state;
    node.state = DEAD;
    if (old instanceof Stored stored) {
      stored.storage().release();
      return dead;
    }
    return dropInputs(old, dead);
  }

  private static @Nullable ArrayDeque<Node> dropInputs(
      State recipe, @Nullable ArrayDeque<Node> dead) {
    ArrayDeque<Node> queue = dead;
    if (recipe instanceof Elementwise e) {
      for (Node input : e.inputs()) {
        queue = drop(input, queue);
      }
    } else if (recipe instanceof Product p) {
      queue = drop(p.b(), drop(p.a(), queue));
    }
    return queue;
  }

  private static @Nullable ArrayDeque<Node> drop(Node input, @Nullable ArrayDeque<Node> dead) {
    input.consumers--;
    if (--input.refs > 0) {
      return dead;
    }
    ArrayDeque<Node> queue = dead == null ? new ArrayDeque<>() : dead;
    queue.add(input);
    return queue;
  }
}
