package dev.quern;

import dev.quern.internal.Engine;
import dev.quern.internal.Node;
import dev.quern.internal.Tape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a recording knows of tensors: which were assigned, and whose gradients changed. */
final class Recorder extends Tape {
  /** What the step does first with the gradient of a leaf. */
  enum Use {
    /** It forgets it: what it was does not matter. */
    FORGOTTEN,
    /** It adds to it. */
    ADDED_TO,
    /** It reads it, or looks whether there is one. */
    READ
  }

  /** The gradient of a leaf: what it was before, and how that mattered. */
  private record Slot(Tensor leaf, @Nullable Tensor start, Use use) {
    boolean dependent() {
      return use != Use.FORGOTTEN;
    }
  }

  /** The gradient of a leaf after each replay, if it has one; before it too if that matters. */
  private record Gradient(Optional<Node> node, Use use) {}

  /** Elements of a caller's array before the step wrote over them. */
  private record Saved(Node target, Node before) {}

  private final Scope scope;
  private final Set<Tensor> settled = Collections.newSetFromMap(new IdentityHashMap<>());
  private final IdentityHashMap<Tensor, Node> homes = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Slot> slots = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Gradient> gradients = new IdentityHashMap<>();
  private final Deque<Saved> saved = new ArrayDeque<>();
  private final List<Node> held = new ArrayList<>();
  private @Nullable Node result;

  private Recorder(Engine engine) {
    super(engine);
    scope = Scope.open();
  }

  /** Runs a step and returns the tape of it; if it fails all is as before. */
  static Recorder record(Engine engine, Supplier<? extends @Nullable Tensor> step) {
    Recorder recorder = new Recorder(engine);
    boolean done = false;
    try {
      List<Move> moves;
      try {
        Tensor value = step.get();
        moves = recorder.finish(value);
        recorder.scope.close();
        recorder.seal(moves);
        done = true;
      } finally {
        recorder.stop();
        if (!done) {
          recorder.abandon();
        }
      }
      recorder.settle();
      return recorder;
    } finally {
      if (!done) {
        recorder.close();
      }
    }
  }

  /** Returns the recorder of this thread, if it records. */
  static @Nullable Recorder current() {
    return (Recorder) Tape.here();
  }

  /** Runs code that makes the same tensor each time, apart from what this thread may record. */
  static Tensor constant(Supplier<Tensor> body) {
    Recorder recorder = current();
    return recorder == null ? body.get() : recorder.aside(body);
  }

  // ---------------------------------------------------------------- while the step runs

  /** Returns the node by which a tensor goes on that is used for the first time. */
  Node settled(Tensor tensor, Node node) {
    if (isNewer(tensor.epoch()) || settled.contains(tensor)) {
      return node;
    }
    Node own = settled(node);
    settled.add(tensor);
    return own;
  }

  /** Saves what a caller's array holds where the step is about to write over it. */
  void save(Node target) {
    Node before = aside(() -> target.engine().copy(target));
    target.retain();
    saved.push(new Saved(target, before));
  }

  /** Says that a tensor was assigned; takes over what it was before. */
  void assigned(Tensor tensor, Node before) {
    if (isNewer(tensor.epoch()) || homes.putIfAbsent(tensor, before) != null) {
      before.release();
    }
  }

  /**
   * Says that a leaf's gradient is about to be read, added to, or forgotten.
   *
   * @param use which of these
   */
  void touch(Tensor leaf, @Nullable Tensor gradient, Use use) {
    if (!isNewer(leaf.epoch())) {
      slots.putIfAbsent(leaf, new Slot(leaf, gradient, use));
    }
  }

  /** Returns whether a gradient will be needed again if the recording fails, or at its end. */
  boolean keeps(Tensor leaf, Tensor gradient) {
    Slot slot = slots.get(leaf);
    return slot != null && slot.start() == gradient;
  }

  /** Returns a vector of numbers that are computed, and copied to the device, for each replay. */
  Tensor numbers(DType dtype, Supplier<double[]> values) {
    double[] first = values.get();
    Tensor made =
        aside(
            () ->
                new Tensor(
                    engine().upload(dtype, Shape.of(first.length), Numbers.array(dtype, first))));
    Node node = made.node();
    node.retain();
    held.add(node);
    // The next replay computes them anew.
    onReplay(new Numbers(dtype, node, values, first), () -> {});
    return made;
  }

  /** Uploads numbers that are not those of the last time. */
  private static final class Numbers implements Runnable {
    private final DType dtype;
    private final Node node;
    private final Supplier<double[]> values;
    private double[] last;

    Numbers(DType dtype, Node node, Supplier<double[]> values, double[] first) {
      this.dtype = dtype;
      this.node = node;
      this.values = values;
      last = first.clone();
    }

    static Object array(DType dtype, double[] values) {
      if (dtype == DType.F64) {
        return values.clone();
      }
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      return floats;
    }

    @Override
    public void run() {
      double[] now = values.get();
      if (now.length != last.length) {
        throw new IllegalStateException(
            "recording: " + last.length + " numbers have become " + now.length);
      }
      if (!Arrays.equals(now, last)) {
        node.engine().rewrite(node, array(dtype, now));
        last = now.clone();
      }
    }
  }

  // ---------------------------------------------------------------- the end of a recording

  /** Computes what is to be seen afterwards and returns which values belong elsewhere. */
  private List<Move> finish(@Nullable Tensor value) {
    requireSound();
    if (value != null) {
      if (value.engine() != engine()) {
        throw new IllegalStateException("record: the result is of another device: " + value);
      }
      result = owned(value.realize().node());
    }
    List<Move> moves = new ArrayList<>();
    Set<Tensor> superseded = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Slot slot : slots.values()) {
      Tensor start = slot.start();
      Tensor end = slot.leaf().gradient();
      if (end != null) {
        end.realize();
        if (start != end) {
          end.replace(owned(end.node()));
        }
      }
      if (slot.dependent() && start != end) {
        if (start == null || end == null) {
          throw new IllegalStateException(
              "record: the gradient of "
                  + slot.leaf().dtype()
                  + " "
                  + slot.leaf().shape()
                  + " was "
                  + (start == null ? "none" : "one")
                  + " at first and is "
                  + (end == null ? "none" : "one")
                  + " now, so that the step would not be the same again: zeroGrad comes first");
        }
        // It may have been assigned before it was added to.
        moves.add(new Move(homes.getOrDefault(start, start.node()), end.node()));
        superseded.add(start);
      }
    }
    homes.forEach(
        (tensor, home) -> {
          if (!tensor.isClosed() && !superseded.contains(tensor)) {
            moves.add(new Move(home, tensor.realize().node()));
          }
        });
    requireSound();
    return moves;
  }

  /** Lets tensors show the memory that replays write to. */
  private void settle() {
    homes.forEach(this::restore);
    homes.clear();
    for (Slot slot : slots.values()) {
      Tensor start = slot.start();
      Tensor end = slot.leaf().gradient();
      if (start != end) {
        if (slot.dependent() && end != null) {
          slot.leaf().setGradient(start);
          end.close();
        } else if (start != null) {
          start.close();
        }
      }
      Tensor gradient = slot.leaf().gradient();
      Node node = gradient == null ? null : gradient.node();
      if (node != null) {
        node.retain();
        held.add(node);
      }
      gradients.put(slot.leaf(), new Gradient(Optional.ofNullable(node), slot.use()));
    }
    slots.clear();
    settled.clear();
    forgetSaved();
    trim();
  }

  // A tensor that the step closed has given up its node.
  private void restore(Tensor tensor, Node home) {
    if (tensor.isClosed()) {
      home.release();
    } else {
      tensor.replace(home);
    }
  }

  private void abandon() {
    undo();
    homes.forEach(this::restore);
    homes.clear();
    for (Slot slot : slots.values()) {
      Tensor end = slot.leaf().gradient();
      if (end != slot.start()) {
        slot.leaf().setGradient(slot.start());
        if (end != null) {
          end.close();
        }
      }
    }
    slots.clear();
    scope.unwind();
    // The last first: parts of an array may have been written over more than once.
    saved.forEach(old -> old.target().engine().overwrite(old.before(), old.target()));
    forgetSaved();
  }

  private void forgetSaved() {
    for (Saved old : saved) {
      old.target().release();
      old.before().release();
    }
    saved.clear();
  }

  // ---------------------------------------------------------------- replays

  /** Returns a handle of the step's result. */
  synchronized Tensor shown() {
    if (result == null) {
      throw new IllegalStateException("recording: closed, or the step returns nothing");
    }
    return Tensor.of(result);
  }

  // Others may have forgotten or replaced the gradients meanwhile.
  @Override
  protected void prepare() {
    gradients.forEach(
        (leaf, recorded) -> {
          if (!isPrepared(leaf, recorded)) {
            requireSame(leaf, recorded);
          }
        });
    gradients.forEach(
        (leaf, recorded) -> {
          if (!isPrepared(leaf, recorded) && recorded.node().isPresent()) {
            Node home = recorded.node().get();
            Tensor gradient = leaf.gradient();
            if (gradient == null) {
              // The sum of this and a gradient has the gradient's bits.
              engine().fill(home, -0.0);
            } else {
              engine().overwrite(gradient.node(), home);
            }
          }
        });
  }

  private static boolean isPrepared(Tensor leaf, Gradient recorded) {
    return leaf.isClosed()
        || recorded.use() == Use.FORGOTTEN
        || recorded.node().equals(Optional.ofNullable(nodeOf(leaf.gradient())));
  }

  private static void requireSame(Tensor leaf, Gradient recorded) {
    boolean present = leaf.gradient() != null;
    if (present ? recorded.node().isEmpty() : recorded.use() == Use.READ) {
      throw new IllegalStateException(
          "recording: the gradient of "
              + leaf.dtype()
              + " "
              + leaf.shape()
              + (present
                  ? " was none when the step was recorded, and is one now"
                  : " that the step reads has been forgotten since"));
    }
  }

  @Override
  protected void replayed() {
    gradients.forEach(
        (leaf, recorded) -> {
          Optional<Node> node = recorded.node();
          Tensor gradient = leaf.gradient();
          if (leaf.isClosed() || node.equals(Optional.ofNullable(nodeOf(gradient)))) {
            return;
          }
          leaf.setGradient(node.map(Tensor::unscoped).orElse(null));
          if (gradient != null) {
            gradient.close();
          }
        });
  }

  private static @Nullable Node nodeOf(@Nullable Tensor gradient) {
    return gradient == null || gradient.isClosed() ? null : gradient.node();
  }

  @Override
  public synchronized void close() {
    super.close();
    held.forEach(Node::release);
    held.clear();
    gradients.clear();
    if (result != null) {
      result.release();
      result = null;
    }
  }
}
