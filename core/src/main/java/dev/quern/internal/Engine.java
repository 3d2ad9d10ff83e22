package dev.quern.internal;

import dev.quern.DType;
import dev.quern.MemoryStats;
import dev.quern.Shape;
import dev.quern.internal.Node.Stored;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.KernelRun;
import dev.quern.spi.Program;
import dev.quern.spi.RandomKind;
import dev.quern.spi.Reduction;
import dev.quern.spi.Replay;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One open device: the operations that are more than recording a node. */
public final class Engine {
  private final ObservedBackend backend;
  private final Memory memory;
  private final Evaluator evaluator;
  private final Pending pending = new Pending();
  private volatile @Nullable Object owner;

  /** Takes over an open backend. */
  public Engine(Backend backend) {
    this.backend = new ObservedBackend(backend);
    this.memory = new Memory(this.backend);
    this.evaluator = new Evaluator(this.backend, memory);
  }

  /** Sets the public handle of this device; it is not interpreted here. */
  public void setOwner(Object device) {
    owner = device;
  }

  /** Returns the public handle of this device. */
  public Object owner() {
    return Objects.requireNonNull(owner);
  }

  /** Returns the open device. */
  public Backend backend() {
    return backend;
  }

  /** Sets who is told of every kernel that runs, or null. */
  public void observe(@Nullable Consumer<KernelRun> observer) {
    backend.observe(observer);
  }

  /** Says that a node needs what a replay may change. */
  public void await(Node node) {
    pending.add(node);
  }

  /** Computes, or copies, what waits for elements that are about to change. */
  public void settle() {
    pending.settle(this);
  }

  /** Runs what was captured from these calls. */
  void replay(Replay replay, List<Call> calls) {
    backend.replay(replay, calls);
  }

  /** Captures calls. */
  Replay capture(List<Call> calls) {
    return backend.capture(calls);
  }

  /** Makes calls that are no part of what a tape of this thread notes. */
  void make(List<Call> calls) {
    backend.make(calls);
  }

  /** Returns memory of a tape, or any where this thread records none. */
  Storage allocate(DType dtype, Shape shape, String op) {
    return memory.allocate(dtype, shape, op);
  }

  /** Returns what is in use, cached, and was at most. */
  public MemoryStats memory() {
    return memory.stats();
  }

  // ---------------------------------------------------------------- making nodes

  /** Computes a deferred or constant node, and first whatever it needs. */
  public void realize(Node node) {
    evaluator.realize(node);
  }

  /** Returns a constant node. */
  public Node constant(DType dtype, Shape shape, long bits) {
    return Node.constant(this, dtype, shape, bits);
  }

  /** Returns a stored node with a copy of an array's elements; {@code byte[]} for BOOL. */
  public Node upload(DType dtype, Shape shape, Object array) {
    Tape.refuse("of", "an array would be copied once only; make the tensor before, and assign");
    return compute(
        "of",
        dtype,
        shape,
        List.of(),
        (in, out) -> backend.upload(array, 0, out.buffer(), 0, Math.toIntExact(shape.size())));
  }

  /**
   * Returns a stored node that shares the array.
   *
   * @throws IllegalArgumentException if the device's memory is not the host's
   */
  public Node wrap(DType dtype, Shape shape, Object array) {
    Buffer buffer =
        backend
            .wrap(array)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "wrap: " + backend.info().id() + " cannot share a Java array; use of"));
    return stored(dtype, shape, new Storage(buffer));
  }

  private Node stored(DType dtype, Shape shape, Storage storage) {
    return Node.stored(this, dtype, shape, storage, Layouts.contiguous(shape), 0);
  }

  /** Writes a whole new buffer from views of the inputs. */
  private interface Kernel {
    void run(List<View> inputs, View output);
  }

  /** Returns a new stored node that a kernel fills; an empty one is not launched. */
  private Node compute(String op, DType dtype, Shape shape, List<Node> inputs, Kernel kernel) {
    try (Hold hold = new Hold(inputs)) {
      Storage storage = memory.allocate(dtype, shape, op);
      boolean done = false;
      try {
        if (shape.size() > 0) {
          kernel.run(hold.views, Views.whole(storage.buffer(), shape));
        }
        done = true;
      } finally {
        if (!done) {
          free(storage);
        }
      }
      return stored(dtype, shape, storage);
    }
  }

  private static void free(Storage storage) {
    Graph.lock();
    try {
      storage.release();
    } finally {
      Graph.unlock();
    }
  }

  /** Nodes made stored and kept so while a kernel reads them. */
  private final class Hold implements AutoCloseable {
    final List<View> views;
    private final List<Storage> storages;

    Hold(List<Node> nodes) {
      views = new ArrayList<>(nodes.size());
      storages = new ArrayList<>(nodes.size());
      boolean done = false;
      try {
        for (Node node : nodes) {
          realize(node);
          add(node);
        }
        done = true;
      } finally {
        if (!done) {
          close();
        }
      }
    }

    private void add(Node node) {
      Graph.lock();
      try {
        Stored stored = elements(node);
        Tape.use(stored.storage());
        stored.storage().retain();
        storages.add(stored.storage());
        views.add(Views.of(stored, node.shape, node.shape));
      } finally {
        Graph.unlock();
      }
    }

    @Override
    public void close() {
      storages.forEach(Engine::free);
    }
  }

  static Stored elements(Node node) {
    if (node.state() instanceof Stored stored) {
      return stored;
    }
    throw new IllegalStateException("tensor: already closed: " + node.dtype + " " + node.shape);
  }

  // ---------------------------------------------------------------- copies and views

  /** Copies all elements in row-major order to an array of the node's type (byte[] for BOOL). */
  public void download(Node node, Object array) {
    Tape.refuse("read", "elements cannot be read back, " + node.dtype + " " + node.shape);
    if (node.shape.size() == 0) {
      return;
    }
    Node dense = contiguous(node);
    try (Hold hold = new Hold(List.of(dense))) {
      View view = hold.views.get(0);
      backend.download(view.buffer(), view.offset(), array, 0, Math.toIntExact(node.shape.size()));
    } finally {
      dense.release();
    }
  }

  /** Returns the node itself, retained, if its elements lie in row-major order, or else a copy. */
  public Node contiguous(Node node) {
    realize(node);
    Graph.lock();
    try {
      if (Layouts.isContiguous(node.shape, elements(node).strides())) {
        node.retain();
        return node;
      }
    } finally {
      Graph.unlock();
    }
    return copy(node);
  }

  /** Returns a new node with the same elements in row-major order. */
  public Node copy(Node node) {
    Program copy = Program.copy(node.dtype);
    return compute(
        "copy",
        node.dtype,
        node.shape,
        List.of(node),
        (in, out) -> Views.map(backend, copy, List.of(in.get(0), out), 1, node.shape));
  }

  /**
   * Returns a copy of a stored node's elements in new memory, where the axes have the order they
   * have in the old: the last bits of a product depend on it.
   */
  Stored copyInOrder(Node node) {
    long[] strides = elements(node).strides();
    int rank = node.shape.rank();
    int[] order =
        IntStream.range(0, rank)
            .boxed()
            .sorted(Comparator.comparingLong(axis -> -Math.abs(strides[axis])))
            .mapToInt(axis -> axis)
            .toArray();
    Shape ordered = kept(node.shape, order, rank);
    Program copy = Program.copy(node.dtype);
    Node made =
        compute(
            "copy",
            node.dtype,
            ordered,
            List.of(node),
            (in, out) -> {
              View from = in.get(0).permute(order);
              Views.map(backend, copy, List.of(from, out), 1, ordered);
            });
    Stored dense = elements(made);
    long[] own = new long[rank];
    for (int i = 0; i < rank; i++) {
      own[order[i]] = dense.strides()[i];
    }
    Graph.lock();
    try {
      dense.storage().retain();
      made.release();
    } finally {
      Graph.unlock();
    }
    return new Stored(dense.storage(), own, 0);
  }

  /** Computes strides and an offset for a view from the base's. */
  public interface Viewer {
    /** Returns the new strides; the new offset is added to {@code offset[0]}. */
    long @Nullable [] strides(long[] strides, long[] offset);
  }

  /** Returns a view of a node's elements, or null if the viewer finds that only a copy can do. */
  public @Nullable Node view(Node node, Shape shape, Viewer viewer) {
    if (node.state() instanceof Node.Constant constant) {
      return Node.constant(this, node.dtype, shape, constant.bits());
    }
    realize(node);
    Node made;
    Graph.lock();
    try {
      Stored stored = elements(node);
      long[] offset = {stored.offset()};
      long[] strides = viewer.strides(stored.strides(), offset);
      if (strides == null) {
        return null;
      }
      stored.storage().retain();
      made = Node.stored(this, node.dtype, shape, stored.storage(), strides, offset[0]);
    } finally {
      Graph.unlock();
    }
    if (made.isReplayed()) {
      await(made);
    }
    return made;
  }

  /** Returns a node with the same elements, which stay what they are. */
  public Node same(Node node) {
    if (node.isReplayed()) {
      return Objects.requireNonNull(view(node, node.shape, (strides, offset) -> strides));
    }
    node.retain();
    return node;
  }

  /**
   * Returns a new node into which parts are copied at the places that views of the whole give,
   * which do not overlap.
   *
   * @param covered whether the parts cover the whole, so that zeros need not be written first
   */
  public Node assemble(
      String op, DType dtype, Shape shape, List<Node> parts, List<Viewer> places, boolean covered) {
    return compute(
        op,
        dtype,
        shape,
        parts,
        (in, out) -> {
          if (!covered) {
            clear(out, shape);
          }
          for (int i = 0; i < in.size(); i++) {
            View part = in.get(i);
            if (part.size() > 0) {
              long[] offset = {0};
              long[] strides = Objects.requireNonNull(places.get(i).strides(out.strides(), offset));
              View place = new View(out.buffer(), part.shape(), strides, offset[0]);
              Program copy = Program.copy(dtype);
              Views.map(backend, copy, List.of(part, place), 1, Shape.of(part.shape()));
            }
          }
        });
  }

  private void clear(View view, Shape shape) {
    fill(view, shape, 0);
  }

  private void fill(View view, Shape shape, long bits) {
    Views.map(backend, Program.fill(view.dtype(), bits), List.of(view), 0, shape);
  }

  /** Writes one value over all elements of a stored node. */
  public void fill(Node target, double value) {
    try (Hold hold = new Hold(List.of(target))) {
      if (target.shape.size() > 0) {
        fill(hold.views.get(0), target.shape, Program.bits(target.dtype, value));
      }
    }
  }

  // ---------------------------------------------------------------- assignment

  /** Copies {@code value}'s elements over those of {@code target}, which are stored. */
  public void overwrite(Node value, Node target) {
    Node source = sharesStorage(value, target) ? copy(value) : value;
    try (Hold hold = new Hold(List.of(source, target))) {
      if (target.shape.size() > 0) {
        Views.map(backend, Program.copy(target.dtype), hold.views, 1, target.shape);
      }
    } finally {
      if (source != value) {
        source.release();
      }
    }
  }

  /**
   * Copies an array of the node's type (byte[] for BOOL) over the elements of a stored node, if
   * they lie in row-major order, and returns whether they do.
   */
  public boolean rewrite(Node target, Object array) {
    try (Hold hold = new Hold(List.of(target))) {
      View view = hold.views.get(0);
      if (!view.isContiguous()) {
        return false;
      }
      int count = Math.toIntExact(target.shape.size());
      if (count > 0) {
        backend.upload(array, 0, view.buffer(), view.offset(), count);
      }
      return true;
    }
  }

  private boolean sharesStorage(Node a, Node b) {
    realize(a);
    Graph.lock();
    try {
      return elements(a).storage() == elements(b).storage();
    } finally {
      Graph.unlock();
    }
  }

  /**
   * Returns the stored node, retained, that takes the target's place when it is assigned a value:
   * written over the target's memory where nobody could notice, and never the caller's array.
   */
  public Node assign(Node target, Node value) {
    if (value.isDeferred()) {
      evaluator.realizeOver(value, target);
    }
    if (value.isShared()) {
      return copy(value);
    }
    return contiguous(value);
  }

  // ---------------------------------------------------------------- reductions

  /**
   * Returns the reduction of a node, with the deferred chain that leads to it as its prologue.
   *
   * @param order the kept axes, then the reduced ones
   * @param kept how many are kept
   */
  public Node reduce(Reduction reduction, Node node, int[] order, int kept) {
    String op = reduction.name().toLowerCase(Locale.ROOT);
    Shape shape = kept(node.shape, order, kept);
    Work work = evaluator.prologue(node);
    if (work == null) {
      Program copy = Program.copy(node.dtype);
      return compute(
          op,
          node.dtype,
          shape,
          List.of(node),
          (in, out) -> reduce(reduction, copy, in, node.shape, order, kept, out));
    }
    boolean done = false;
    try {
      Node out =
          compute(
              op,
              node.dtype,
              shape,
              List.of(),
              (in, output) ->
                  reduce(
                      reduction,
                      work.map().program(),
                      work.prologue(node.shape),
                      node.shape,
                      order,
                      kept,
                      output));
      done = true;
      return out;
    } finally {
      work.release(done);
    }
  }

  private void reduce(
      Reduction reduction,
      Program program,
      List<View> inputs,
      Shape shape,
      int[] order,
      int kept,
      View output) {
    List<View> permuted = new ArrayList<>(inputs.size());
    for (View input : inputs) {
      permuted.add(input.permute(order));
    }
    long[] dims = kept(shape, order, order.length).dims();
    Layouts.Merged merged = Layouts.merge(permuted, dims, kept);
    backend.reduce(reduction, program, merged.views(), merged.kept(), merged.kept(output));
  }

  private static Shape kept(Shape shape, int[] order, int kept) {
    long[] dims = new long[kept];
    for (int i = 0; i < kept; i++) {
      dims[i] = shape.dim(order[i]);
    }
    return Shape.of(dims);
  }

  /** Returns the index of the first greatest or least element along the reduced axes. */
  public Node argReduce(boolean max, Node node, int[] order, int kept) {
    return compute(
        max ? "argmax" : "argmin",
        DType.I64,
        kept(node.shape, order, kept),
        List.of(node),
        (in, out) -> {
          View input = in.get(0).permute(order);
          Layouts.Merged merged = Layouts.merge(List.of(input), input.shape(), kept);
          backend.argReduce(max, merged.views().get(0), merged.kept(), merged.kept(out));
        });
  }

  /** Returns softmax or its logarithm along an axis. */
  public Node softmax(boolean log, Node node, int axis) {
    int[] axisLast = axisLast(node.shape.rank(), axis);
    return compute(
        log ? "logSoftmax" : "softmax",
        node.dtype,
        node.shape,
        List.of(node),
        (in, out) ->
            alongLast(
                in.get(0).permute(axisLast),
                out.permute(axisLast),
                (x, y) -> backend.softmax(log, x, y)));
  }

  /**
   * Returns running sums or products along an axis.
   *
   * @param exclusive whether an element leaves itself out
   * @param reverse whether to start from the end
   */
  public Node scan(Reduction reduction, Node node, int axis, boolean exclusive, boolean reverse) {
    int[] axisLast = axisLast(node.shape.rank(), axis);
    long length = node.shape.dim(axis);
    return compute(
        reduction == Reduction.PROD ? "cumprod" : "cumsum",
        node.dtype,
        node.shape,
        List.of(node),
        (in, out) -> {
          View x = in.get(0).permute(axisLast);
          View y = out.permute(axisLast);
          x = reverse ? Views.backwards(x) : x;
          y = reverse ? Views.backwards(y) : y;
          if (exclusive) {
            View first = Views.part(y, 0, 1);
            long identity = Program.bits(node.dtype, reduction == Reduction.PROD ? 1 : 0);
            Program fill = Program.fill(node.dtype, identity);
            Views.map(backend, fill, List.of(first), 0, Shape.of(first.shape()));
            x = Views.part(x, 0, length - 1);
            y = Views.part(y, 1, length - 1);
          }
          if (x.size() > 0) {
            alongLast(x, y, (from, to) -> backend.scan(reduction, from, to));
          }
        });
  }

  /** Works along the last axis of two views. */
  private interface RowKernel {
    void run(View input, View output);
  }

  /** Runs a kernel on views whose axes but the last are merged as far as possible. */
  private static void alongLast(View input, View output, RowKernel kernel) {
    Layouts.Merged merged = Layouts.merge(List.of(input, output), input.shape(), input.rank() - 1);
    boolean dropped = merged.shape().length == merged.kept();
    View x = merged.views().get(0);
    View y = merged.views().get(1);
    kernel.run(dropped ? Views.withUnitAxis(x) : x, dropped ? Views.withUnitAxis(y) : y);
  }

  private static int[] axisLast(int rank, int axis) {
    int[] order = Arrays.copyOf(Axes.without(rank, axis), rank);
    order[rank - 1] = axis;
    return order;
  }

  // ---------------------------------------------------------------- indices and random numbers

  /** Returns the elements of {@code source} that {@code index}, of the result's shape, names. */
  public Node gather(String op, Node source, Node index, int axis) {
    return compute(
        op,
        source.dtype,
        index.shape,
        List.of(source, index),
        (in, out) -> backend.gather(op, in.get(0), in.get(1), axis, out));
  }

  /** Returns zeros of a shape to which {@code source} is added where {@code index} says. */
  public Node scatterAdd(String op, Shape shape, Node source, Node index, int axis) {
    return compute(
        op,
        source.dtype,
        shape,
        List.of(source, index),
        (in, out) -> {
          clear(out, shape);
          if (index.shape.size() > 0) {
            backend.scatterAdd(op, in.get(0), in.get(1), axis, out);
          }
        });
  }

  /** Returns random numbers starting at block {@code counter} of a seed's stream. */
  public Node random(RandomKind kind, DType dtype, Shape shape, long seed, long counter) {
    Tape.refuse("random", "each replay would draw the same numbers");
    return compute(
        "random",
        dtype,
        shape,
        List.of(),
        (in, out) ->
            backend.random(kind, seed, counter, Views.whole(out.buffer(), Shape.of(shape.size()))));
  }
}
