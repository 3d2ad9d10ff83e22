package dev.quern;

import dev.quern.internal.Axes;
import dev.quern.internal.Engine;
import dev.quern.internal.Layouts;
import dev.quern.internal.Node;
import dev.quern.internal.Tape;
import dev.quern.random.Generator;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.RandomKind;
import dev.quern.spi.Reduction;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array of one element type on one device, and the operations on it.
 *
 * <p>A tensor is a value: operations return new tensors. Only {@link #assign} changes one, and the
 * array behind {@link #wrap(float[], long...)} changes with its owner. Names and rules follow NumPy
 * and PyTorch: shapes broadcast, axes and indices may be negative, mixed types promote, a Java
 * scalar takes the tensor's type.
 *
 * <p>Elementwise operations and matrix products check their operands at once but are computed when
 * a value is needed, a whole chain in one pass. This never shows in a result.
 *
 * <p>Memory is freed when a tensor is closed, when the {@link Scope} it was made in ends, or by the
 * collector. Closing a tensor never harms another.
 *
 * <p>Errors: {@link IllegalArgumentException} for operands that do not fit, {@link
 * IndexOutOfBoundsException} for indices, {@link IllegalStateException} for a closed tensor, {@link
 * BackendException} when a device fails.
 *
 * <pre>{@code
 * Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
 * Tensor y = x.matmul(x.transpose()).relu();
 * System.out.println(y.sum().item());
 * }</pre>
 */
public final class Tensor implements AutoCloseable {
  private static final boolean EAGER =
      Boolean.parseBoolean(System.getProperty("quern.eager", "false"))
          || "1".equals(System.getenv("QUERN_EAGER"));
  private static final long PRINT_LIMIT = 1000;

  private volatile Node node;
  private volatile boolean closed;
  private @Nullable GradNode gradNode;
  private @Nullable Tensor grad;
  private @Nullable Scope scope;
  private int scopeSlot = -1;
  private final int epoch = Tape.epoch();
  private final LeakTrace.@Nullable Token leakToken;

  /** Takes over one reference to the node. */
  Tensor(Node node) {
    this.node = node;
    this.leakToken = LeakTrace.track(this);
    Scope current = Scope.current();
    if (current != null) {
      current.add(this);
    }
  }

  // ---------------------------------------------------------------- creation

  /** Returns a vector of F32 with a copy of the values. */
  public static Tensor of(float... values) {
    return of(values, values.length);
  }

  /**
   * Returns an F32 tensor with a copy of the values in row-major order.
   *
   * @throws IllegalArgumentException if the shape holds another number of elements
   */
  public static Tensor of(float[] values, long... dims) {
    return upload(DType.F32, values, values.length, dims);
  }

  /** Returns an F64 tensor with a copy of the values; see {@link #of(float[], long...)}. */
  public static Tensor of(double[] values, long... dims) {
    return upload(DType.F64, values, values.length, dims);
  }

  /** Returns an I32 tensor with a copy of the values; see {@link #of(float[], long...)}. */
  public static Tensor of(int[] values, long... dims) {
    return upload(DType.I32, values, values.length, dims);
  }

  /** Returns an I64 tensor with a copy of the values; see {@link #of(float[], long...)}. */
  public static Tensor of(long[] values, long... dims) {
    return upload(DType.I64, values, values.length, dims);
  }

  /** Returns a BOOL tensor with a copy of the values; see {@link #of(float[], long...)}. */
  public static Tensor of(boolean[] values, long... dims) {
    return upload(DType.BOOL, bytes(values), values.length, dims);
  }

  private static byte[] bytes(boolean[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return bytes;
  }

  /**
   * Returns a tensor of a 16-bit floating type with a copy of the elements, given as their bits;
   * see {@link Halves}.
   *
   * @throws IllegalArgumentException if the type is neither F16 nor BF16, or the shape holds
   *     another number of elements
   */
  public static Tensor ofBits(DType dtype, short[] bits, long... dims) {
    checkHalf("ofBits", dtype, Shape.of(dims));
    return upload(dtype, bits, bits.length, dims);
  }

  private static void checkHalf(String op, DType dtype, Shape shape) {
    if (!dtype.isHalf()) {
      throw new IllegalArgumentException(op + ": type must be F16 or BF16: " + dtype + " " + shape);
    }
  }

  /**
   * Returns an F32 matrix with a copy of the rows.
   *
   * @throws IllegalArgumentException if the rows differ in length
   */
  public static Tensor of(float[][] rows) {
    int columns = rows.length == 0 ? 0 : rows[0].length;
    float[] values = new float[Math.multiplyExact(rows.length, columns)];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != columns) {
        throw new IllegalArgumentException(
            "of: row " + i + " has " + rows[i].length + " values, row 0 has " + columns);
      }
      System.arraycopy(rows[i], 0, values, i * columns, columns);
    }
    return of(values, rows.length, columns);
  }

  /** Returns an F32 scalar, shape []. */
  public static Tensor scalar(double value) {
    return scalar(DType.F32, value);
  }

  /** Returns a scalar, shape []. */
  public static Tensor scalar(DType dtype, double value) {
    return full(dtype, value);
  }

  private static Tensor upload(DType dtype, Object array, int length, long... dims) {
    Shape shape = Shape.of(dims);
    checkLength("of", length, shape);
    return new Tensor(Device.current().engine().upload(dtype, shape, array));
  }

  /**
   * Returns a CPU tensor that shares the array, both ways: a change of either shows in the other.
   * Values saved for a gradient are shared too: change the array after {@link #backward()}, not
   * before.
   *
   * @throws IllegalArgumentException if the shape holds another number of elements
   */
  public static Tensor wrap(float[] values, long... dims) {
    return wrap(DType.F32, values, values.length, dims);
  }

  /** Returns a CPU tensor that shares the array; see {@link #wrap(float[], long...)}. */
  public static Tensor wrap(double[] values, long... dims) {
    return wrap(DType.F64, values, values.length, dims);
  }

  /** Returns a CPU tensor that shares the array; see {@link #wrap(float[], long...)}. */
  public static Tensor wrap(int[] values, long... dims) {
    return wrap(DType.I32, values, values.length, dims);
  }

  /** Returns a CPU tensor that shares the array; see {@link #wrap(float[], long...)}. */
  public static Tensor wrap(long[] values, long... dims) {
    return wrap(DType.I64, values, values.length, dims);
  }

  private static Tensor wrap(DType dtype, Object array, int length, long... dims) {
    Shape shape = Shape.of(dims);
    checkLength("wrap", length, shape);
    Device current = Device.current();
    // A test may run on a device of its own; everything else shares host memory with the CPU.
    Device host = current.engine().backend().isHeap() ? current : Device.of("cpu");
    return new Tensor(host.engine().wrap(dtype, shape, array));
  }

  private static void checkLength(String op, int length, Shape shape) {
    if (length != shape.size()) {
      throw new IllegalArgumentException(op + ": " + length + " values do not fill shape " + shape);
    }
  }

  /** Returns F32 zeros. */
  public static Tensor zeros(long... dims) {
    return full(DType.F32, 0, dims);
  }

  /** Returns zeros. */
  public static Tensor zeros(DType dtype, long... dims) {
    return full(dtype, 0, dims);
  }

  /** Returns F32 ones. */
  public static Tensor ones(long... dims) {
    return full(DType.F32, 1, dims);
  }

  /** Returns ones. */
  public static Tensor ones(DType dtype, long... dims) {
    return full(dtype, 1, dims);
  }

  /** Returns an F32 tensor filled with a value. */
  public static Tensor full(double value, long... dims) {
    return full(DType.F32, value, dims);
  }

  /**
   * Returns a tensor filled with a value.
   *
   * @throws IllegalArgumentException if the value is no integer and the type is
   */
  public static Tensor full(DType dtype, double value, long... dims) {
    return full(Device.current().engine(), "full", dtype, value, Shape.of(dims));
  }

  private static Tensor full(Engine engine, String op, DType dtype, double value, Shape shape) {
    boolean fits =
        dtype.isFloat()
            || (dtype == DType.BOOL && (value == 0 || value == 1))
            || (dtype == DType.I32 && value == (int) value)
            || (dtype == DType.I64 && value == (long) value && value < 0x1p63);
    if (!fits) {
      throw new IllegalArgumentException(
          op + ": scalar " + value + " is not representable in the tensor's type " + dtype);
    }
    return new Tensor(engine.constant(dtype, shape, Program.bits(dtype, value)));
  }

  /** Returns zeros of this tensor's shape, type and device. */
  public Tensor zerosLike() {
    return full(engine(), "zerosLike", dtype(), 0, shape());
  }

  /** Returns ones of this tensor's shape, type and device. */
  public Tensor onesLike() {
    return full(engine(), "onesLike", dtype(), 1, shape());
  }

  /** Returns the I64 vector 0, 1, ... end - 1. */
  public static Tensor arange(long end) {
    return arange(0, end, 1);
  }

  /**
   * Returns the I64 vector start, start + step, ... below {@code end} (above it for a negative
   * step).
   *
   * @throws IllegalArgumentException if the step is 0
   */
  public static Tensor arange(long start, long end, long step) {
    if (step == 0) {
      throw new IllegalArgumentException("arange: step is 0");
    }
    int n = count(start, end, step);
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = start + i * step;
    }
    return Recorder.constant(() -> of(values, n));
  }

  /**
   * Returns the F32 vector start, start + step, ... below {@code end} (above it for a negative
   * step), each value rounded once.
   *
   * @throws IllegalArgumentException if an argument is not finite or the step is 0
   */
  public static Tensor arange(double start, double end, double step) {
    double span = (end - start) / step;
    if (step == 0 || !Double.isFinite(span) || !Double.isFinite(start)) {
      throw new IllegalArgumentException(
          "arange: bounds must be finite and the step not 0: " + start + ", " + end + ", " + step);
    }
    int n = length("arange", Math.ceil(span));
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (start + i * step);
    }
    return Recorder.constant(() -> of(values, n));
  }

  /** Returns how many values a range has; differences of longs are taken as unsigned. */
  private static int count(long start, long end, long step) {
    if (step > 0 ? end <= start : end >= start) {
      return 0;
    }
    long span = step > 0 ? end - start : start - end;
    long last = Long.divideUnsigned(span - 1, step > 0 ? step : -step);
    return length("arange", last < 0 ? Double.POSITIVE_INFINITY : last + 1.0);
  }

  private static int length(String op, double n) {
    if (n > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(op + ": too many elements: " + n);
    }
    return (int) Math.max(0, n);
  }

  /** Returns the F32 identity matrix of n rows. */
  public static Tensor eye(long n) {
    return eye(DType.F32, n);
  }

  /**
   * Returns the identity matrix of n rows.
   *
   * @throws IllegalArgumentException if n is negative
   */
  public static Tensor eye(DType dtype, long n) {
    if (n < 0) {
      throw new IllegalArgumentException("eye: negative number of rows: " + n);
    }
    Tensor rows = arange(n).unsqueeze(1);
    return rows.eq(arange(n)).cast(dtype);
  }

  /** Returns F32 numbers uniform in [0, 1) from the global generator. */
  public static Tensor rand(long... dims) {
    return rand(Generator.global(), DType.F32, dims);
  }

  /**
   * Returns numbers uniform in [0, 1), multiples of 2^-24 (F32), 2^-53 (F64), 2^-11 (F16) or 2^-8
   * (BF16): the same bits for the same generator state on every device.
   *
   * @throws IllegalArgumentException if the type is not floating
   */
  public static Tensor rand(Generator generator, DType dtype, long... dims) {
    return random("rand", RandomKind.UNIFORM, generator, dtype, dims);
  }

  /** Returns F32 standard normal numbers from the global generator. */
  public static Tensor randn(long... dims) {
    return randn(Generator.global(), DType.F32, dims);
  }

  /**
   * Returns standard normal numbers (Box-Muller), those of a 16-bit type rounded from F32: the same
   * bits for the same generator state on every device.
   *
   * @throws IllegalArgumentException if the type is not floating
   */
  public static Tensor randn(Generator generator, DType dtype, long... dims) {
    return random("randn", RandomKind.NORMAL, generator, dtype, dims);
  }

  private static Tensor random(
      String op, RandomKind kind, Generator generator, DType dtype, long... dims) {
    if (!dtype.isFloat()) {
      throw new IllegalArgumentException(op + ": type must be floating: " + dtype);
    }
    Tensor numbers = random(kind, generator, dtype.computeType(), Shape.of(dims));
    if (kind == RandomKind.UNIFORM && dtype.isHalf()) {
      // Rounded to the nearest, some would become 1
      double steps = dtype == DType.F16 ? 0x1p11 : 0x1p8;
      numbers = numbers.mul(steps).floor().div(steps);
    }
    return numbers.as(dtype);
  }

  private static Tensor random(RandomKind kind, Generator generator, DType dtype, Shape shape) {
    int perBlock = kind.perBlock(dtype);
    long blocks = shape.size() / perBlock + (shape.size() % perBlock == 0 ? 0 : 1);
    Tape.refuse("random", "each replay would draw the same numbers");
    long counter = generator.take(blocks);
    Engine engine = Device.current().engine();
    return new Tensor(engine.random(kind, dtype, shape, generator.seed(), counter));
  }

  /** Returns I64 integers uniform in [low, high) from the global generator. */
  public static Tensor randint(long low, long high, long... dims) {
    return randint(Generator.global(), low, high, dims);
  }

  /**
   * Returns I64 integers in [low, high): {@code low + (w * (high - low) >> 32)} for a random 32-bit
   * word w, so uniform to within {@code (high - low) / 2^32}.
   *
   * @throws IllegalArgumentException if the range is empty or wider than 2^31
   */
  public static Tensor randint(Generator generator, long low, long high, long... dims) {
    if (high <= low || high - low < 0 || high - low > 1L << 31) {
      throw new IllegalArgumentException(
          "randint: range must hold 1 to 2^31 integers: [" + low + ", " + high + ")");
    }
    Tensor words = random(RandomKind.BITS32, generator, DType.I64, Shape.of(dims));
    Tensor span = words.fullLike(high - low);
    return words.mul(span).div(words.fullLike(1L << 32)).add(words.fullLike(low));
  }

  /** Returns an I64 scalar, exact where a double would not be. */
  private Tensor fullLike(long value) {
    return new Tensor(engine().constant(DType.I64, Shape.of(), value));
  }

  // ---------------------------------------------------------------- facts

  /** Returns the extents. */
  public Shape shape() {
    return node.shape();
  }

  /** Returns the element type. */
  public DType dtype() {
    return node.dtype();
  }

  /** Returns the device that holds the elements. */
  public Device device() {
    return Device.owning(engine());
  }

  /** Returns the number of axes. */
  public int rank() {
    return shape().rank();
  }

  /** Returns the number of elements. */
  public long size() {
    return shape().size();
  }

  /**
   * Returns the extent of an axis.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public long dim(int axis) {
    return shape().dim(axis);
  }

  /** Returns whether the tensor was closed. */
  public boolean isClosed() {
    return closed;
  }

  Engine engine() {
    return node.engine();
  }

  /** Returns the node of an open tensor. */
  Node node() {
    if (closed) {
      throw new IllegalStateException("tensor: already closed: " + dtype() + " " + shape());
    }
    Recorder recorder = Recorder.current();
    if (recorder != null) {
      node = recorder.settled(this, node);
    }
    return node;
  }

  /** Returns how many recordings had started when this was made. */
  int epoch() {
    return epoch;
  }

  /** Goes on with another node, a reference to which it takes over. */
  void replace(Node other) {
    Node before = node;
    node = other;
    before.release();
  }

  // ---------------------------------------------------------------- memory

  /** Frees the tensor; others that were computed or are to be computed from it are unharmed. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (scope != null) {
      scope.remove(this);
    }
    if (leakToken != null) {
      leakToken.closed();
    }
    node.release();
    if (gradNode != null) {
      gradNode.release();
    }
    if (grad != null) {
      grad.close();
    }
  }

  @Nullable Scope scope() {
    return scope;
  }

  int scopeSlot() {
    return scopeSlot;
  }

  void setScope(@Nullable Scope newScope, int slot) {
    scope = newScope;
    scopeSlot = slot;
  }

  /** Computes the elements now, if they are deferred, and returns this tensor. */
  public Tensor realize() {
    engine().realize(node());
    return this;
  }

  /** Returns a handle of a node that something else holds. */
  static Tensor of(Node node) {
    node.retain();
    return new Tensor(node);
  }

  /** Returns a handle of a node that something else holds, which no scope closes. */
  static Tensor unscoped(Node node) {
    Tensor out = of(node);
    Scope current = out.scope;
    if (current != null) {
      current.disown(out);
    }
    return out;
  }

  /** Returns another handle of the same value and gradient history. */
  Tensor alias() {
    Tensor out = new Tensor(engine().same(node()));
    return Autograd.record("alias", out, new Tensor[] {this}, new Node[0], (i, g) -> g);
  }

  /**
   * Returns the elements on another device: a copy, unless they are there. The gradient flows back.
   *
   * @throws IllegalArgumentException if the device cannot hold it
   */
  public Tensor to(Device target) {
    if (target.engine() == engine()) {
      return alias();
    }
    Device from = device();
    Object array = hostArray();
    engine().download(node(), array);
    Tensor out = new Tensor(target.engine().upload(dtype(), shape(), array));
    return Autograd.record("to", out, new Tensor[] {this}, new Node[0], (i, g) -> g.to(from));
  }

  /**
   * Replaces this tensor's elements by {@code value}'s, broadcast to this shape: the one mutation,
   * for optimizers. Other tensors keep what they had, except that a {@linkplain #wrap wrapped}
   * array is written through. Not recorded for gradients. Nobody else may use this tensor
   * meanwhile.
   *
   * @return this tensor
   * @throws IllegalArgumentException if the types differ or the shape does not broadcast to this
   *     one
   * @throws IllegalStateException if this tensor was computed and requires a gradient
   */
  public Tensor assign(Tensor value) {
    requireAssignable();
    checkSame("assign", this, value);
    if (value.dtype() != dtype()) {
      throw new IllegalArgumentException(
          "assign: types differ: " + dtype() + " and " + value.dtype());
    }
    if (!Shape.broadcast("assign", shape(), value.shape()).equals(shape())) {
      throw new IllegalArgumentException(
          "assign: shape " + value.shape() + " does not broadcast to " + shape());
    }
    if (value.shape().equals(shape())) {
      assignFitting(value.node());
    } else {
      Tensor fitting = value.detach().expanded(shape());
      Node dense = engine().copy(fitting.node());
      fitting.close();
      assignFitting(dense);
      dense.release();
    }
    return this;
  }

  /**
   * Replaces this F32 tensor's elements by a copy of the values, in row-major order: new input for
   * a {@link Recording}.
   *
   * @return this tensor
   * @throws IllegalArgumentException if the type differs, or the number of elements
   * @throws IllegalStateException if this tensor was computed and requires a gradient
   */
  public Tensor assign(float[] values) {
    return assignArray(DType.F32, values, values.length);
  }

  /** Replaces this F64 tensor's elements by a copy of the values; see {@link #assign(float[])}. */
  public Tensor assign(double[] values) {
    return assignArray(DType.F64, values, values.length);
  }

  /** Replaces this I32 tensor's elements by a copy of the values; see {@link #assign(float[])}. */
  public Tensor assign(int[] values) {
    return assignArray(DType.I32, values, values.length);
  }

  /** Replaces this I64 tensor's elements by a copy of the values; see {@link #assign(float[])}. */
  public Tensor assign(long[] values) {
    return assignArray(DType.I64, values, values.length);
  }

  /** Replaces this BOOL tensor's elements by a copy of the values; see {@link #assign(float[])}. */
  public Tensor assign(boolean[] values) {
    return assignArray(DType.BOOL, bytes(values), values.length);
  }

  /**
   * Replaces the elements of this tensor of a 16-bit floating type by those with these bits; see
   * {@link #assign(float[])} and {@link Halves}.
   *
   * @throws IllegalArgumentException if the type is neither F16 nor BF16, or the number of elements
   *     differs
   */
  public Tensor assignBits(short[] bits) {
    node();
    checkHalf("assignBits", dtype(), shape());
    return assignArray(dtype(), bits, bits.length);
  }

  private Tensor assignArray(DType dtype, Object values, int length) {
    Node n = node();
    requireAssignable();
    if (dtype() != dtype) {
      throw new IllegalArgumentException(
          "assign: types differ: " + dtype() + " " + shape() + " and " + dtype);
    }
    checkLength("assign", length, shape());
    Tape.refuse("assign", "an array would be copied once only; assign before the replay");
    engine().settle();
    if (!n.isShared() || !engine().rewrite(n, values)) {
      Node made = engine().upload(dtype, shape(), values);
      assignFitting(made);
      made.release();
    }
    return this;
  }

  private void requireAssignable() {
    if (gradNode != null && !gradNode.isLeaf()) {
      throw new IllegalStateException("assign: the tensor is part of a gradient's history");
    }
  }

  private void assignFitting(Node value) {
    Node before = node();
    if (before.isReplayed()) {
      engine().settle();
    }
    Recorder recorder = Recorder.current();
    if (before.isShared()) {
      if (recorder != null) {
        recorder.save(before);
      }
      engine().overwrite(value, before);
    } else if (value != before) {
      node = engine().assign(before, value);
      if (recorder == null) {
        before.release();
      } else {
        recorder.assigned(this, before);
      }
    }
  }

  // ---------------------------------------------------------------- reading

  private Object hostArray() {
    int n = hostSize();
    return switch (dtype()) {
      case F16, BF16 -> new short[n];
      case F32 -> new float[n];
      case F64 -> new double[n];
      case I32 -> new int[n];
      case I64 -> new long[n];
      case BOOL -> new byte[n];
    };
  }

  private int hostSize() {
    if (size() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "read: " + shape() + " has more elements than a Java array");
    }
    return (int) size();
  }

  private Object read(DType as) {
    Node n = node();
    if (as == dtype()) {
      Object array = hostArray();
      engine().download(n, array);
      return array;
    }
    return noGrad(
        () -> {
          Tensor converted = cast(as);
          try {
            return converted.read(as);
          } finally {
            converted.close();
          }
        });
  }

  private static double[] widened(Object array) {
    if (array instanceof int[] ints) {
      return Arrays.stream(ints).asDoubleStream().toArray();
    } else if (array instanceof long[] longs) {
      return Arrays.stream(longs).asDoubleStream().toArray();
    }
    double[] out = new double[Array.getLength(array)];
    for (int i = 0; i < out.length; i++) {
      out[i] = array instanceof float[] floats ? floats[i] : ((byte[]) array)[i];
    }
    return out;
  }

  /**
   * Returns the only element.
   *
   * @throws IllegalArgumentException if there is not exactly one
   */
  public double item() {
    checkSingle();
    return toDoubleArray()[0];
  }

  /**
   * Returns the only element as a long, exact for I64; a fraction is cut off.
   *
   * @throws IllegalArgumentException if there is not exactly one
   */
  public long itemLong() {
    checkSingle();
    return toLongArray()[0];
  }

  private void checkSingle() {
    if (size() != 1) {
      throw new IllegalArgumentException("item: tensor has not exactly one element: " + shape());
    }
  }

  /** Returns a copy of the elements in row-major order, cast to float. */
  public float[] toFloatArray() {
    return (float[]) read(DType.F32);
  }

  /** Returns a copy of the elements in row-major order, cast to double. */
  public double[] toDoubleArray() {
    if (dtype() == DType.F64) {
      return (double[]) read(DType.F64);
    }
    // NOTE: converted here, since a device may have no F64
    return widened(read(dtype().computeType()));
  }

  /**
   * Returns a copy of the bits of the elements in row-major order; see {@link Halves}.
   *
   * @throws IllegalArgumentException if the type is neither F16 nor BF16
   */
  public short[] toBits() {
    checkHalf("toBits", dtype(), shape());
    return (short[]) read(dtype());
  }

  /** Returns a copy of the elements in row-major order, cast to int as {@link #cast} does. */
  public int[] toIntArray() {
    return (int[]) read(DType.I32);
  }

  /** Returns a copy of the elements in row-major order, cast to long as {@link #cast} does. */
  public long[] toLongArray() {
    return (long[]) read(DType.I64);
  }

  /** Returns for each element in row-major order whether it is not 0. */
  public boolean[] toBooleanArray() {
    byte[] bytes = (byte[]) read(DType.BOOL);
    boolean[] out = new boolean[bytes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = bytes[i] != 0;
    }
    return out;
  }

  /** Returns type, shape and elements for a person; long axes are abbreviated. */
  @Override
  public String toString() {
    if (closed) {
      return "Tensor(closed, " + dtype() + " " + shape() + ")";
    }
    return noGrad(() -> Printer.print(this, PRINT_LIMIT));
  }

  // ---------------------------------------------------------------- the funnel

  /** The one way by which an elementwise operation is recorded; operands fit already. */
  private static Tensor elementwise(Op op, DType result, Tensor... inputs) {
    Shape shape = inputs[0].shape();
    for (int i = 1; i < inputs.length; i++) {
      shape = Shape.broadcast(name(op), shape, inputs[i].shape());
    }
    Node[] nodes = new Node[inputs.length];
    for (int i = 0; i < nodes.length; i++) {
      checkSame(name(op), inputs[0], inputs[i]);
      nodes[i] = inputs[i].node();
    }
    Tensor out = new Tensor(Node.elementwise(op, result, shape, nodes));
    out.settle(nodes);
    if (op.isDifferentiable() && result.isFloat() && Autograd.needed(inputs)) {
      recordElementwise(op, out, inputs, nodes);
    }
    return out;
  }

  private static void recordElementwise(Op op, Tensor out, Tensor[] inputs, Node[] nodes) {
    Node result = out.node();
    Node[] saved =
        switch (op.saves()) {
          case NOTHING -> new Node[0];
          case INPUTS -> nodes;
          case OUTPUT -> new Node[] {result};
        };
    Autograd.record(
        name(op),
        out,
        inputs,
        saved,
        (i, g) -> {
          Op.Rule rule = Objects.requireNonNull(op.rule(i));
          boolean ofOutput = op.saves() == Op.Saves.OUTPUT;
          List<Tensor> values = ofOutput ? List.of() : handles(saved);
          return rule.apply(g, values, ofOutput ? of(saved[0]) : g);
        });
  }

  private static List<Tensor> handles(Node... nodes) {
    List<Tensor> out = new ArrayList<>(nodes.length);
    for (Node node : nodes) {
      out.add(of(node));
    }
    return out;
  }

  /** Computes at once where deferral could show: in eager mode, and on a caller's array. */
  private void settle(Node... operands) {
    boolean now = EAGER;
    boolean replayed = false;
    for (Node operand : operands) {
      now |= operand.isWrapped();
      replayed |= operand.isReplayed();
    }
    if (now) {
      realize();
    } else if (replayed) {
      engine().await(node);
    }
  }

  private static String name(Op op) {
    return op.label();
  }

  private static void checkSame(String op, Tensor a, Tensor b) {
    if (a.engine() != b.engine()) {
      throw new IllegalArgumentException(
          op + ": devices differ: " + a.device().id() + " and " + b.device().id());
    }
  }

  private Tensor unary(Op op) {
    Tensor x = this;
    switch (op.typing()) {
      case FLOAT -> x = toFloating();
      case NUMERIC -> checkNumeric(op, this);
      case LOGIC -> checkBool(op, this);
      case COMPARE, SELECT, CAST -> {}
    }
    return computed(op, x.dtype(), x);
  }

  /**
   * Records an operation on operands of one type, or of its compute type: computed in that, and
   * rounded to {@code common}.
   */
  private static Tensor computed(Op op, DType common, Tensor... operands) {
    DType compute = common.computeType();
    Tensor[] inputs = new Tensor[operands.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = operands[i].as(compute);
    }
    return elementwise(op, op.resultType(compute), inputs).as(op.resultType(common));
  }

  /** Computes in F32 what is rounded to a 16-bit type once, at the end; or else just computes. */
  Tensor roundedOnce(UnaryOperator<Tensor> body) {
    DType compute = dtype().computeType();
    return compute == dtype() ? body.apply(this) : body.apply(as(compute)).as(dtype());
  }

  private Tensor toFloating() {
    return as(dtype().isFloat() ? dtype() : DType.F32);
  }

  private static void checkNumeric(Op op, Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          name(op) + ": operand is BOOL " + x.shape() + "; cast it first");
    }
  }

  private static void checkBool(Op op, Tensor x) {
    if (x.dtype() != DType.BOOL) {
      throw new IllegalArgumentException(
          name(op) + ": operand must be BOOL: " + x.dtype() + " " + x.shape());
    }
  }

  private Tensor binary(Op op, Tensor other) {
    if (op.typing() == Op.Typing.LOGIC) {
      checkBool(op, this);
      checkBool(op, other);
    }
    DType common = DType.promote(dtype(), other.dtype());
    Tensor a = as(common);
    Tensor b = other.as(common);
    if (op.typing() == Op.Typing.NUMERIC) {
      checkNumeric(op, a);
    }
    return computed(op, common, a, b);
  }

  private Tensor binary(Op op, double scalar) {
    if (op.typing() == Op.Typing.NUMERIC) {
      checkNumeric(op, this);
    }
    // A 16-bit operand meets the scalar in F32: a count of 100,000 is no F16.
    return computed(op, dtype(), this, constant(name(op), scalar));
  }

  /** Returns a scalar in this tensor's compute type. */
  private Tensor constant(String op, double value) {
    return full(engine(), op, dtype().computeType(), value, Shape.of());
  }

  // ---------------------------------------------------------------- elementwise

  /** Returns {@code this + other}, broadcast. */
  public Tensor add(Tensor other) {
    return binary(Op.ADD, other);
  }

  /** Returns {@code this + scalar}. */
  public Tensor add(double scalar) {
    return binary(Op.ADD, scalar);
  }

  /** Returns {@code this - other}, broadcast. */
  public Tensor sub(Tensor other) {
    return binary(Op.SUB, other);
  }

  /** Returns {@code this - scalar}. */
  public Tensor sub(double scalar) {
    return binary(Op.SUB, scalar);
  }

  /** Returns {@code this * other} element by element, broadcast. */
  public Tensor mul(Tensor other) {
    return binary(Op.MUL, other);
  }

  /** Returns {@code this * scalar}. */
  public Tensor mul(double scalar) {
    return binary(Op.MUL, scalar);
  }

  /**
   * Returns {@code this / other}, broadcast. Integers truncate; an integer division by zero is 0.
   */
  public Tensor div(Tensor other) {
    return binary(Op.DIV, other);
  }

  /** Returns {@code this / scalar}; see {@link #div(Tensor)}. */
  public Tensor div(double scalar) {
    return binary(Op.DIV, scalar);
  }

  /** Returns {@code this} to the power {@code other}, broadcast; special cases as in C99. */
  public Tensor pow(Tensor other) {
    return binary(Op.POW, other);
  }

  /** Returns {@code this} to the power {@code scalar}. */
  public Tensor pow(double scalar) {
    return scalar == 2 ? square() : binary(Op.POW, scalar);
  }

  /** Returns the greater of both, NaN if either is NaN; a tie halves the gradient. */
  public Tensor maximum(Tensor other) {
    return binary(Op.MAX, other);
  }

  /** Returns the greater of each element and a scalar. */
  public Tensor maximum(double scalar) {
    return binary(Op.MAX, scalar);
  }

  /** Returns the lesser of both, NaN if either is NaN; a tie halves the gradient. */
  public Tensor minimum(Tensor other) {
    return binary(Op.MIN, other);
  }

  /** Returns the lesser of each element and a scalar. */
  public Tensor minimum(double scalar) {
    return binary(Op.MIN, scalar);
  }

  /** Returns the remainder with the divisor's sign, as Python's {@code %}. */
  public Tensor mod(Tensor other) {
    return binary(Op.MOD, other);
  }

  /** Returns the remainder with the divisor's sign, as Python's {@code %}. */
  public Tensor mod(double scalar) {
    return binary(Op.MOD, scalar);
  }

  /** Returns the remainder with the dividend's sign, as C's {@code fmod}. */
  public Tensor fmod(Tensor other) {
    return binary(Op.FMOD, other);
  }

  /** Returns the remainder with the dividend's sign, as C's {@code fmod}. */
  public Tensor fmod(double scalar) {
    return binary(Op.FMOD, scalar);
  }

  /** Returns BOOL {@code this == other}, broadcast; false for NaN. */
  public Tensor eq(Tensor other) {
    return binary(Op.EQ, other);
  }

  /** Returns BOOL {@code this == scalar}. */
  public Tensor eq(double scalar) {
    return binary(Op.EQ, scalar);
  }

  /** Returns BOOL {@code this != other}, broadcast; true for NaN. */
  public Tensor ne(Tensor other) {
    return binary(Op.NE, other);
  }

  /** Returns BOOL {@code this != scalar}. */
  public Tensor ne(double scalar) {
    return binary(Op.NE, scalar);
  }

  /** Returns BOOL {@code this < other}, broadcast. */
  public Tensor lt(Tensor other) {
    return binary(Op.LT, other);
  }

  /** Returns BOOL {@code this < scalar}. */
  public Tensor lt(double scalar) {
    return binary(Op.LT, scalar);
  }

  /** Returns BOOL {@code this <= other}, broadcast. */
  public Tensor le(Tensor other) {
    return binary(Op.LE, other);
  }

  /** Returns BOOL {@code this <= scalar}. */
  public Tensor le(double scalar) {
    return binary(Op.LE, scalar);
  }

  /** Returns BOOL {@code this > other}, broadcast. */
  public Tensor gt(Tensor other) {
    return binary(Op.GT, other);
  }

  /** Returns BOOL {@code this > scalar}. */
  public Tensor gt(double scalar) {
    return binary(Op.GT, scalar);
  }

  /** Returns BOOL {@code this >= other}, broadcast. */
  public Tensor ge(Tensor other) {
    return binary(Op.GE, other);
  }

  /** Returns BOOL {@code this >= scalar}. */
  public Tensor ge(double scalar) {
    return binary(Op.GE, scalar);
  }

  /** Returns the logical and of BOOL tensors, broadcast. */
  public Tensor and(Tensor other) {
    return binary(Op.AND, other);
  }

  /** Returns the logical or of BOOL tensors, broadcast. */
  public Tensor or(Tensor other) {
    return binary(Op.OR, other);
  }

  /** Returns the logical exclusive or of BOOL tensors, broadcast. */
  public Tensor xor(Tensor other) {
    return binary(Op.XOR, other);
  }

  /** Returns the logical negation of a BOOL tensor. */
  public Tensor not() {
    return unary(Op.NOT);
  }

  /** Returns {@code -this}. */
  public Tensor neg() {
    return unary(Op.NEG);
  }

  /** Returns the absolute value; the gradient at 0 is 0. */
  public Tensor abs() {
    return unary(Op.ABS);
  }

  /** Returns -1, 0 or 1. */
  public Tensor sign() {
    return unary(Op.SIGN);
  }

  /** Returns the square root, correctly rounded. */
  public Tensor sqrt() {
    return unary(Op.SQRT);
  }

  /** Returns {@code this * this}. */
  public Tensor square() {
    return mul(this);
  }

  /** Returns {@code 1 / this}. */
  public Tensor reciprocal() {
    Tensor x = toFloating();
    return computed(Op.DIV, x.dtype(), x.constant("reciprocal", 1), x);
  }

  /** Returns {@code e^this}, within 1.5 ULP in F32. */
  public Tensor exp() {
    return unary(Op.EXP);
  }

  /** Returns {@code e^this - 1}, accurate near 0. */
  public Tensor expm1() {
    return unary(Op.EXPM1);
  }

  /** Returns the natural logarithm, within 1.5 ULP in F32. */
  public Tensor log() {
    return unary(Op.LOG);
  }

  /** Returns {@code log(1 + this)}, accurate near 0. */
  public Tensor log1p() {
    return unary(Op.LOG1P);
  }

  /** Returns the hyperbolic tangent, within 1.5 ULP in F32. */
  public Tensor tanh() {
    return unary(Op.TANH);
  }

  /** Returns {@code 1 / (1 + e^-this)}, within 2 ULP in F32. */
  public Tensor sigmoid() {
    return unary(Op.SIGMOID);
  }

  /** Returns the sine of the elements, angles in radians; within 2 ULP in F32, however large. */
  public Tensor sin() {
    return unary(Op.SIN);
  }

  /** Returns the cosine of the elements, angles in radians; within 2 ULP in F32, however large. */
  public Tensor cos() {
    return unary(Op.COS);
  }

  /** Returns the tangent of the elements, angles in radians; within 2 ULP in F32. */
  public Tensor tan() {
    return unary(Op.TAN);
  }

  /** Returns the arc sine in radians, from -pi/2 to pi/2; NaN beyond 1. Within 2 ULP in F32. */
  public Tensor asin() {
    return unary(Op.ASIN);
  }

  /** Returns the arc cosine in radians, from 0 to pi; NaN beyond 1. Within 2 ULP in F32. */
  public Tensor acos() {
    return unary(Op.ACOS);
  }

  /** Returns the arc tangent in radians, from -pi/2 to pi/2; within 2 ULP in F32. */
  public Tensor atan() {
    return unary(Op.ATAN);
  }

  /** Returns the hyperbolic sine {@code (e^x - e^-x) / 2}, within 2 ULP in F32. */
  public Tensor sinh() {
    return unary(Op.SINH);
  }

  /** Returns the hyperbolic cosine {@code (e^x + e^-x) / 2}, within 2 ULP in F32. */
  public Tensor cosh() {
    return unary(Op.COSH);
  }

  /** Returns the inverse hyperbolic sine {@code log(x + sqrt(x^2 + 1))}, within 2 ULP in F32. */
  public Tensor asinh() {
    return unary(Op.ASINH);
  }

  /** Returns the inverse hyperbolic cosine {@code log(x + sqrt(x^2 - 1))}, NaN below 1. */
  public Tensor acosh() {
    return unary(Op.ACOSH);
  }

  /** Returns the inverse hyperbolic tangent {@code log((1 + x) / (1 - x)) / 2}, NaN beyond 1. */
  public Tensor atanh() {
    return unary(Op.ATANH);
  }

  /** Returns the error function, within 2 ULP in F32. */
  public Tensor erf() {
    return unary(Op.ERF);
  }

  /** Returns {@code max(this, 0)}; NaN stays NaN, the gradient at 0 is 0. */
  public Tensor relu() {
    return unary(Op.RELU);
  }

  /** Returns {@code log(1 + e^this)}. */
  public Tensor softplus() {
    return unary(Op.SOFTPLUS);
  }

  /** Returns the greatest integers not above the elements. */
  public Tensor floor() {
    return unary(Op.FLOOR);
  }

  /** Returns the least integers not below the elements. */
  public Tensor ceil() {
    return unary(Op.CEIL);
  }

  /** Returns the nearest integers, ties to even. */
  public Tensor round() {
    return unary(Op.ROUND);
  }

  /** Returns the integer parts. */
  public Tensor trunc() {
    return unary(Op.TRUNC);
  }

  /** Returns BOOL: whether elements are NaN. */
  public Tensor isNan() {
    return unary(Op.IS_NAN);
  }

  /** Returns BOOL: whether elements are infinite. */
  public Tensor isInf() {
    return unary(Op.IS_INF);
  }

  /** Returns {@code this} where positive, else {@code slope * this}. */
  public Tensor leakyRelu(double slope) {
    return toFloating().roundedOnce(x -> where(x.gt(0), x, x.mul(slope)));
  }

  /**
   * Returns {@code this} where positive, else {@code slope * this} with a learned slope, broadcast.
   * Source: He et al., "Delving deep into rectifiers" (2015).
   */
  public Tensor prelu(Tensor slope) {
    return where(gt(0), this, mul(slope));
  }

  /**
   * Returns {@code this} where positive, else {@code alpha * (e^this - 1)}. Source: Clevert,
   * Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units"
   * (2015).
   */
  public Tensor elu(double alpha) {
    return toFloating()
        .roundedOnce(
            x -> {
              // The clamp keeps e^x finite where the other branch is taken, or its gradient would
              // be
              // NaN.
              Tensor negative = x.clamp(Double.NEGATIVE_INFINITY, 0).expm1().mul(alpha);
              return where(x.gt(0), x, negative);
            });
  }

  /**
   * Returns {@code scale * elu(this, alpha)} with the self-normalising constants. Source:
   * Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks" (2017).
   */
  public Tensor selu() {
    return toFloating().roundedOnce(x -> x.elu(1.6732632423543772).mul(1.0507009873554805));
  }

  /**
   * Returns {@code this * Phi(this)} with the normal distribution function. Source: Hendrycks,
   * Gimpel, "Gaussian error linear units" (2016).
   */
  public Tensor gelu() {
    return toFloating().roundedOnce(x -> x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1)));
  }

  /** Returns {@code this * sigmoid(this)}, also called swish. */
  public Tensor silu() {
    return toFloating().roundedOnce(x -> x.mul(x.sigmoid()));
  }

  /**
   * Returns {@code min(max(this, low), high)}; NaN stays NaN; {@code high} where low exceeds it.
   * The gradient passes where the element lies within the bounds. Infinite bounds leave a side
   * open.
   */
  public Tensor clamp(double low, double high) {
    checkNumeric(Op.CLAMP, this);
    Tensor lower = Double.isInfinite(low) ? extreme(low) : bound(low);
    Tensor upper = Double.isInfinite(high) ? extreme(high) : bound(high);
    return computed(Op.CLAMP, dtype(), this, lower, upper);
  }

  private Tensor bound(double value) {
    return constant("clamp", value);
  }

  private Tensor extreme(double value) {
    long bits =
        switch (dtype()) {
          case I32 -> value > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE;
          case I64 -> value > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
          default -> Program.bits(dtype().computeType(), value);
        };
    return new Tensor(engine().constant(dtype().computeType(), Shape.of(), bits));
  }

  /** Returns {@code min(max(this, low), high)} with tensor bounds, broadcast. */
  public Tensor clamp(Tensor low, Tensor high) {
    DType common = DType.promote(dtype(), DType.promote(low.dtype(), high.dtype()));
    Tensor x = as(common);
    checkNumeric(Op.CLAMP, x);
    return computed(Op.CLAMP, common, x, low.as(common), high.as(common));
  }

  /**
   * Returns {@code a} where the condition is true, else {@code b}, broadcast.
   *
   * @throws IllegalArgumentException if the condition is not BOOL
   */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    checkBool(Op.WHERE, condition);
    DType common = DType.promote(a.dtype(), b.dtype());
    return elementwise(Op.WHERE, common, condition, a.as(common), b.as(common));
  }

  /**
   * Returns the elements in another type. To floating types they are rounded once, to the nearest,
   * ties to even. From floating to integer types they truncate towards zero and saturate, NaN
   * becomes 0; to BOOL, whatever is not 0 is true.
   */
  public Tensor cast(DType dtype) {
    return dtype == dtype() ? alias() : as(dtype);
  }

  /** Returns this very tensor if it has the type already: only for operands, never for users. */
  Tensor as(DType dtype) {
    DType from = dtype();
    if (dtype == from) {
      return this;
    }
    // Backends convert 16-bit types only to F32, and from F32, F64 and I64: the rest goes that way,
    // whose first step is exact.
    if (from.isHalf() && dtype != DType.F32) {
      return elementwise(Op.CAST, DType.F32, this).as(dtype);
    }
    if (dtype.isHalf() && (from == DType.I32 || from == DType.BOOL)) {
      return elementwise(Op.CAST, DType.I64, this).as(dtype);
    }
    return elementwise(Op.CAST, dtype, this);
  }

  // ---------------------------------------------------------------- reductions

  private Tensor reduce(Reduction reduction, Tensor x, String op, int[] axes, boolean keepDims) {
    if (x.dtype().isHalf()) {
      return x.roundedOnce(wide -> reduce(reduction, wide, op, axes, keepDims));
    }
    boolean[] reduced = Axes.flags(op, x.shape(), axes);
    int[] order = Axes.flaggedLast(reduced);
    int kept = 0;
    long[] keptDims = new long[x.rank()];
    for (int i = 0; i < reduced.length; i++) {
      keptDims[i] = reduced[i] ? 1 : x.dim(i);
      kept += reduced[i] ? 0 : 1;
    }
    Tensor raw = new Tensor(x.engine().reduce(reduction, x.node(), order, kept));
    Tensor flat = raw;
    Tensor out = keepDims ? raw.reshape(keptDims) : raw;
    if (x.dtype().isFloat() && Autograd.needed(x)) {
      // Every rule wants the result with its reduced axes back as ones.
      Reductions.record(op, reduction, x, flat.reshape(keptDims), out);
    }
    return out;
  }

  /** Returns the sum over axes, over all if none are named. Integers and BOOL sum in I64. */
  public Tensor sum(int... axes) {
    return sum(axes, false);
  }

  /** Returns the sum over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor sum(int axis, boolean keepDims) {
    return sum(new int[] {axis}, keepDims);
  }

  /** Returns the sum over axes, which stay as 1 if {@code keepDims}. */
  public Tensor sum(int[] axes, boolean keepDims) {
    Tensor x = as(dtype().isFloat() ? dtype() : DType.I64);
    return reduce(Reduction.SUM, x, "sum", axes, keepDims);
  }

  /** Returns the product over axes, over all if none are named. Integers multiply in I64. */
  public Tensor prod(int... axes) {
    return prod(axes, false);
  }

  /** Returns the product over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor prod(int axis, boolean keepDims) {
    return prod(new int[] {axis}, keepDims);
  }

  /** Returns the product over axes, which stay as 1 if {@code keepDims}. */
  public Tensor prod(int[] axes, boolean keepDims) {
    Tensor x = as(dtype().isFloat() ? dtype() : DType.I64);
    return reduce(Reduction.PROD, x, "prod", axes, keepDims);
  }

  /** Returns the greatest element over axes, over all if none are named; NaN if any is NaN. */
  public Tensor max(int... axes) {
    return max(axes, false);
  }

  /** Returns the greatest element over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor max(int axis, boolean keepDims) {
    return max(new int[] {axis}, keepDims);
  }

  /**
   * Returns the greatest element over axes, which stay as 1 if {@code keepDims}. Over nothing it is
   * -infinity or the type's least value. Ties share the gradient equally.
   */
  public Tensor max(int[] axes, boolean keepDims) {
    return reduce(Reduction.MAX, this, "max", axes, keepDims);
  }

  /** Returns the least element over axes, over all if none are named; NaN if any is NaN. */
  public Tensor min(int... axes) {
    return min(axes, false);
  }

  /** Returns the least element over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor min(int axis, boolean keepDims) {
    return min(new int[] {axis}, keepDims);
  }

  /**
   * Returns the least element over axes, which stay as 1 if {@code keepDims}. Over nothing it is
   * +infinity or the type's greatest value. Ties share the gradient equally.
   */
  public Tensor min(int[] axes, boolean keepDims) {
    return reduce(Reduction.MIN, this, "min", axes, keepDims);
  }

  /** Returns BOOL: whether any element over the axes is not 0. */
  public Tensor any(int... axes) {
    Axes.flags("any", shape(), axes);
    return as(DType.BOOL).max(axes);
  }

  /** Returns BOOL: whether all elements over the axes are not 0. */
  public Tensor all(int... axes) {
    Axes.flags("all", shape(), axes);
    return as(DType.BOOL).min(axes);
  }

  /** Returns the arithmetic mean over axes, over all if none are named; NaN over nothing. */
  public Tensor mean(int... axes) {
    return mean(axes, false);
  }

  /** Returns the mean over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor mean(int axis, boolean keepDims) {
    return mean(new int[] {axis}, keepDims);
  }

  /** Returns the mean {@code sum / n} over axes, which stay as 1 if {@code keepDims}. */
  public Tensor mean(int[] axes, boolean keepDims) {
    double n = count("mean", axes);
    return toFloating().roundedOnce(x -> x.sum(axes, keepDims).div(n));
  }

  private long count(String op, int... axes) {
    long n = 1;
    boolean[] reduced = Axes.flags(op, shape(), axes);
    for (int i = 0; i < reduced.length; i++) {
      n *= reduced[i] ? dim(i) : 1;
    }
    return n;
  }

  /** Returns the unbiased variance over axes, over all if none are named. */
  public Tensor var(int... axes) {
    return var(axes, 1, false);
  }

  /**
   * Returns the variance {@code sum((x - mean)^2) / max(0, n - ddof)} over axes, in two passes:
   * infinite or NaN where there are not enough elements.
   *
   * @param ddof 1 for the unbiased estimate, 0 for the population's variance
   */
  public Tensor var(int[] axes, int ddof, boolean keepDims) {
    double n = count("var", axes);
    return toFloating()
        .roundedOnce(
            x -> {
              Tensor centred = x.sub(x.mean(axes, true));
              return centred.square().sum(axes, keepDims).div(Math.max(0, n - ddof));
            });
  }

  /** Returns the sum of squares over axes, over all if none are named; integers sum in I64. */
  public Tensor sumSquare(int... axes) {
    return sumSquare(axes, false);
  }

  /** Returns the sum of squares over axes, which stay as 1 if {@code keepDims}. */
  public Tensor sumSquare(int[] axes, boolean keepDims) {
    return roundedOnce(x -> x.square().sum(axes, keepDims));
  }

  /** Returns {@code log(sum(this))} over axes, over all if none are named. */
  public Tensor logSum(int... axes) {
    return logSum(axes, false);
  }

  /** Returns {@code log(sum(this))} over axes, which stay as 1 if {@code keepDims}. */
  public Tensor logSum(int[] axes, boolean keepDims) {
    return roundedOnce(x -> x.sum(axes, keepDims).log());
  }

  /** Returns the Euclidean norm {@code sqrt(sum(this^2))} over axes, over all if none are named. */
  public Tensor norm(int... axes) {
    return norm(2, axes, false);
  }

  /**
   * Returns the p-norm {@code sum(|this|^p)^(1/p)} over axes, over all if none are named, which
   * stay as 1 if {@code keepDims}; for an infinite p the greatest absolute value. Powers may
   * overflow. Where the norm is 0 the gradient is 0.
   *
   * @throws IllegalArgumentException if p is not at least 1
   */
  public Tensor norm(double p, int[] axes, boolean keepDims) {
    return toFloating().roundedOnce(x -> Reductions.norm(x, p, axes, keepDims));
  }

  /** Returns {@code log(sum(exp(this)))} over axes without overflow, over all if none are named. */
  public Tensor logSumExp(int... axes) {
    return logSumExp(axes, false);
  }

  /** Returns {@code log(sum(exp(this)))} over an axis, which stays as 1 if {@code keepDims}. */
  public Tensor logSumExp(int axis, boolean keepDims) {
    return logSumExp(new int[] {axis}, keepDims);
  }

  /** Returns {@code log(sum(exp(this)))} over axes, which stay as 1 if {@code keepDims}. */
  public Tensor logSumExp(int[] axes, boolean keepDims) {
    return reduce(Reduction.LOG_SUM_EXP, toFloating(), "logSumExp", axes, keepDims);
  }

  /** Returns the I64 position of the first greatest element of the flattened tensor. */
  public Tensor argmax() {
    return flatten().argmax(0);
  }

  /** Returns the I64 position of the first greatest element along an axis; NaN is greatest. */
  public Tensor argmax(int axis) {
    return argmax(axis, false);
  }

  /** Returns the position of the first greatest element; the axis stays if {@code keepDims}. */
  public Tensor argmax(int axis, boolean keepDims) {
    return argReduce(true, axis, keepDims);
  }

  /**
   * Returns the position of the first or, if {@code last}, the last greatest element along an axis,
   * which stays as 1 if {@code keepDims}.
   */
  public Tensor argmax(int axis, boolean keepDims, boolean last) {
    return last ? flip(axis).argmax(axis, keepDims).fromEnd(dim(axis)) : argmax(axis, keepDims);
  }

  /** Returns the I64 position of the first least element of the flattened tensor. */
  public Tensor argmin() {
    return flatten().argmin(0);
  }

  /** Returns the I64 position of the first least element along an axis; NaN is least. */
  public Tensor argmin(int axis) {
    return argmin(axis, false);
  }

  /** Returns the position of the first least element; the axis stays if {@code keepDims}. */
  public Tensor argmin(int axis, boolean keepDims) {
    return argReduce(false, axis, keepDims);
  }

  /**
   * Returns the position of the first or, if {@code last}, the last least element along an axis,
   * which stays as 1 if {@code keepDims}.
   */
  public Tensor argmin(int axis, boolean keepDims, boolean last) {
    return last ? flip(axis).argmin(axis, keepDims).fromEnd(dim(axis)) : argmin(axis, keepDims);
  }

  private Tensor fromEnd(long n) {
    return neg().add(n - 1.0);
  }

  private Tensor argReduce(boolean max, int axis, boolean keepDims) {
    String op = max ? "argmax" : "argmin";
    boolean[] reduced = Axes.flags(op, shape(), axis);
    if (dim(axis) == 0) {
      throw new IllegalArgumentException(op + ": axis " + axis + " is empty: " + shape());
    }
    int[] order = Axes.flaggedLast(reduced);
    Tensor x = as(dtype().computeType());
    Tensor out = new Tensor(engine().argReduce(max, x.node(), order, rank() - 1));
    return keepDims ? out.unsqueeze(shape().axis(op, axis)) : out;
  }

  /**
   * Returns the k greatest or least elements along an axis and where they are, the best first; of
   * equal elements the one with the lower position comes first, and NaN before every number. Takes
   * time proportional to k times the extent, or for large k to its square.
   *
   * <pre>{@code
   * Tensor.of(3, 1, 2).topK(2, 0, true).values()   // 3 2
   * }</pre>
   *
   * @throws IllegalArgumentException if k is negative or above the axis's extent
   */
  public TopK topK(long k, int axis, boolean largest) {
    return Ranking.topK(this, k, axis, largest);
  }

  /** Returns the running sum along an axis: element k is the sum of elements 0 to k. */
  public Tensor cumsum(int axis) {
    return cumsum(axis, false, false);
  }

  /**
   * Returns the running sum along an axis, of the tensor's shape. Integers and BOOL sum in I64,
   * which wraps. The error of an element is that of a sum of as many elements; see {@link #sum}.
   *
   * <pre>{@code
   * Tensor.of(1, 2, 3).cumsum(0, true, false)   // 0 1 3
   * Tensor.of(1, 2, 3).cumsum(0, false, true)   // 6 5 3
   * }</pre>
   *
   * <p>The gradient is the running sum of the result's gradient from the other end.
   *
   * @param exclusive whether an element leaves itself out, so that the first is 0
   * @param reverse whether to sum from the end
   * @throws IllegalArgumentException if the axis is out of range
   */
  public Tensor cumsum(int axis, boolean exclusive, boolean reverse) {
    return roundedOnce(x -> Scans.cumsum(x, axis, exclusive, reverse));
  }

  /** Returns the running product along an axis: element k is the product of elements 0 to k. */
  public Tensor cumprod(int axis) {
    return cumprod(axis, false, false);
  }

  /**
   * Returns the running product along an axis, of the tensor's shape. Integers and BOOL multiply in
   * I64, which wraps. The gradient is right for elements of 0 too.
   *
   * @param exclusive whether an element leaves itself out, so that the first is 1
   * @param reverse whether to multiply from the end
   * @throws IllegalArgumentException if the axis is out of range
   */
  public Tensor cumprod(int axis, boolean exclusive, boolean reverse) {
    return roundedOnce(x -> Scans.cumprod(x, axis, exclusive, reverse));
  }

  /** Returns {@code exp(this) / sum(exp(this))} along an axis, without overflow. */
  public Tensor softmax(int axis) {
    return toFloating().roundedOnce(x -> x.softmax(false, axis));
  }

  /** Returns {@code this - logSumExp(this)} along an axis. */
  public Tensor logSoftmax(int axis) {
    return toFloating().roundedOnce(x -> x.softmax(true, axis));
  }

  private Tensor softmax(boolean log, int axis) {
    Tensor x = this;
    int a = x.shape().axis(log ? "logSoftmax" : "softmax", axis);
    Tensor out = new Tensor(engine().softmax(log, x.node(), a));
    Node result = out.node();
    return Autograd.record(
        log ? "logSoftmax" : "softmax",
        out,
        new Tensor[] {x},
        new Node[] {result},
        (i, g) -> {
          Tensor y = of(result);
          return log ? g.sub(y.exp().mul(g.sum(a, true))) : y.mul(g.sub(g.mul(y).sum(a, true)));
        });
  }

  // ---------------------------------------------------------------- matrix product

  /**
   * Returns the matrix product under NumPy's rules: [.., M, K] x [.., K, N] -> [.., M, N], leading
   * axes broadcast; a vector on the left counts as a row, on the right as a column, and loses that
   * axis again. Error bound in F32: {@code K * 2^-24 * sum |a||b|}, unless the thread {@linkplain
   * Precision#with allows} less. Operands of 16 bits are multiplied as they are, the products added
   * up in F32, and the sum is rounded once.
   *
   * @throws IllegalArgumentException if the inner dimensions differ or an operand is a scalar
   */
  public Tensor matmul(Tensor other) {
    return matmul(other, Precision.current());
  }

  /**
   * Returns the matrix product, whose F32 operands may be rounded first; see {@link
   * #matmul(Tensor)}. The gradient is computed in the same precision.
   *
   * @throws IllegalArgumentException if the inner dimensions differ or an operand is a scalar
   */
  public Tensor matmul(Tensor other, Precision precision) {
    Objects.requireNonNull(precision, "precision");
    if (rank() == 0 || other.rank() == 0) {
      throw new IllegalArgumentException(
          "matmul: operand is a scalar: " + shape() + " x " + other.shape());
    }
    long inner = dim(-1);
    if (inner != other.dim(other.rank() == 1 ? 0 : -2)) {
      throw new IllegalArgumentException(
          "matmul: inner dimensions differ: " + shape() + " x " + other.shape());
    }
    checkSame("matmul", this, other);
    checkBatches(other);
    DType common = DType.promote(dtype(), other.dtype());
    if (dtype() == DType.BOOL || other.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          "matmul: operand is BOOL: " + shape() + " x " + other.shape() + "; cast it first");
    }
    Tensor a = rank() == 1 ? unsqueeze(0) : this;
    Tensor b = other.rank() == 1 ? other.unsqueeze(1) : other;
    Tensor product = a.as(common).product(b.as(common), precision);
    if (rank() == 1) {
      product = product.squeeze(-2);
    }
    return other.rank() == 1 ? product.squeeze(-1) : product;
  }

  /** Checks that the axes before the last two broadcast, to name the whole shapes if not. */
  private void checkBatches(Tensor other) {
    for (int i = 3; i <= Math.min(rank(), other.rank()); i++) {
      if (dim(-i) != other.dim(-i) && dim(-i) != 1 && other.dim(-i) != 1) {
        throw new IllegalArgumentException(
            "matmul: leading axes do not broadcast together: " + shape() + " x " + other.shape());
      }
    }
  }

  private Tensor product(Tensor other, Precision precision) {
    long[] left = shape().dims();
    long[] right = other.shape().dims();
    Shape batch =
        Shape.broadcast(
            "matmul",
            Shape.of(Arrays.copyOf(left, left.length - 2)),
            Shape.of(Arrays.copyOf(right, right.length - 2)));
    if (!dtype().isFloat()) {
      // Integers have no kernel of their own: one fused pass over all products.
      return unsqueeze(-1).mul(other.unsqueeze(-3)).sum(-2).cast(dtype());
    }
    long[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
    dims[dims.length - 2] = dim(-2);
    dims[dims.length - 1] = other.dim(-1);
    Node a = node();
    Node b = other.node();
    Node made =
        dtype().isHalf()
            ? halfProduct(Shape.of(dims), a, b)
            : Node.product(Shape.of(dims), a, b, precision);
    Tensor out = new Tensor(made);
    out.settle(a, b);
    return Autograd.record(
        "matmul",
        out,
        new Tensor[] {this, other},
        new Node[] {a, b},
        (i, g) ->
            i == 0
                ? g.matmul(of(b).transpose(), precision)
                : of(a).transpose().matmul(g, precision));
  }

  /**
   * A product of 16-bit operands, cast to F32 and its result back. The casts are nodes that nobody
   * else sees: a backend that takes such operands as they are is handed them.
   */
  private static Node halfProduct(Shape shape, Node a, Node b) {
    Node wideA = Node.elementwise(Op.CAST, DType.F32, a.shape(), a);
    Node wideB = Node.elementwise(Op.CAST, DType.F32, b.shape(), b);
    Node product = Node.product(shape, wideA, wideB, Precision.exactFor(a.dtype()));
    wideA.release();
    wideB.release();
    Node out = Node.elementwise(Op.CAST, a.dtype(), shape, product);
    product.release();
    return out;
  }

  /**
   * Returns the sum of products named by subscripts, such as {@code "bij,bjk->bik"}; a letter twice
   * in an operand takes the diagonal, {@code ...} stands for broadcast leading axes.
   *
   * @throws IllegalArgumentException if the equation is malformed or extents do not match
   */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Einsum.compute(equation, operands);
  }

  // ---------------------------------------------------------------- views

  /** Returns a view with new strides; its gradient is laid back by the same strides. */
  private Tensor view(String op, Shape shape, Engine.Viewer viewer, GradNode.Backward backward) {
    Node made = Objects.requireNonNull(engine().view(node(), shape, viewer));
    return Autograd.record(op, new Tensor(made), new Tensor[] {this}, new Node[0], backward);
  }

  /** Returns a gradient spread over zeros of this shape, where a view took its elements from. */
  private static Tensor spread(String op, Shape shape, Tensor gradient, Engine.Viewer viewer) {
    Node zeros =
        gradient
            .engine()
            .assemble(
                op, gradient.dtype(), shape, List.of(gradient.node()), List.of(viewer), false);
    return new Tensor(zeros);
  }

  /**
   * Returns the same elements in another shape, sharing memory where strides allow; one extent may
   * be -1 and is inferred.
   *
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Tensor reshape(long... dims) {
    Shape target = inferred(dims);
    if (target.equals(shape())) {
      return alias();
    }
    Shape from = shape();
    GradNode.Backward backward = (i, g) -> g.reshape(from.dims());
    Node view =
        engine().view(node(), target, (strides, offset) -> Layouts.reshape(from, strides, target));
    if (view == null) {
      Node dense = engine().copy(node());
      view = engine().view(dense, target, (strides, offset) -> Layouts.contiguous(target));
      dense.release();
    }
    Tensor out = new Tensor(Objects.requireNonNull(view));
    return Autograd.record("reshape", out, new Tensor[] {this}, new Node[0], backward);
  }

  private Shape inferred(long... dims) {
    long known = 1;
    int unknown = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && unknown < 0) {
        unknown = i;
      } else if (dims[i] < 0) {
        throw new IllegalArgumentException(
            "reshape: bad extent " + dims[i] + ": " + shape() + " to " + Arrays.toString(dims));
      } else {
        known *= dims[i];
      }
    }
    long[] out = dims.clone();
    if (unknown >= 0) {
      if (known == 0 || size() % known != 0) {
        throw new IllegalArgumentException(
            "reshape: cannot infer -1: " + shape() + " to " + Arrays.toString(dims));
      }
      out[unknown] = size() / known;
    }
    Shape target = Shape.of(out);
    if (target.size() != size()) {
      throw new IllegalArgumentException(
          "reshape: sizes differ: " + shape() + " to " + Arrays.toString(dims));
    }
    return target;
  }

  /** Returns all elements as one vector. */
  public Tensor flatten() {
    return reshape(size());
  }

  /**
   * Returns the tensor without the named axes of 1, without all of them if none are named.
   *
   * @throws IllegalArgumentException if a named axis is not 1
   */
  public Tensor squeeze(int... axes) {
    boolean[] drop = new boolean[rank()];
    for (int axis : axes) {
      int a = shape().axis("squeeze", axis);
      if (dim(a) != 1) {
        throw new IllegalArgumentException("squeeze: axis " + axis + " is not 1: " + shape());
      }
      drop[a] = true;
    }
    long[] dims = new long[rank()];
    int n = 0;
    for (int i = 0; i < rank(); i++) {
      if (!(axes.length == 0 ? dim(i) == 1 : drop[i])) {
        dims[n++] = dim(i);
      }
    }
    return reshape(Arrays.copyOf(dims, n));
  }

  /**
   * Returns the tensor with an axis of 1 inserted before {@code axis}; negative counts from the end
   * of the result.
   *
   * @throws IllegalArgumentException if the axis is not in [-rank - 1, rank]
   */
  public Tensor unsqueeze(int axis) {
    int rank = rank();
    if (axis < -rank - 1 || axis > rank) {
      throw new IllegalArgumentException(
          "unsqueeze: axis " + axis + " is out of range for shape " + shape());
    }
    int at = axis < 0 ? axis + rank + 1 : axis;
    long[] dims = new long[rank + 1];
    for (int i = 0; i <= rank; i++) {
      dims[i] = i == at ? 1 : dim(i < at ? i : i - 1);
    }
    return reshape(dims);
  }

  /**
   * Returns a view with the last two axes swapped.
   *
   * @throws IllegalArgumentException if there are fewer than two axes
   */
  public Tensor transpose() {
    if (rank() < 2) {
      throw new IllegalArgumentException("transpose: fewer than two axes: " + shape());
    }
    return transpose(-2, -1);
  }

  /** Returns a view with two axes swapped. */
  public Tensor transpose(int first, int second) {
    int a = shape().axis("transpose", first);
    int b = shape().axis("transpose", second);
    int[] order = new int[rank()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i == a ? b : i == b ? a : i;
    }
    return permute(order);
  }

  /**
   * Returns a view whose axis i is this tensor's axis {@code order[i]}.
   *
   * @throws IllegalArgumentException if the order is no permutation of the axes
   */
  public Tensor permute(int... order) {
    if (order.length != rank()) {
      throw new IllegalArgumentException(
          "permute: " + Arrays.toString(order) + " is no permutation of the axes of " + shape());
    }
    Axes.flags("permute", shape(), order);
    int[] axes = new int[order.length];
    int[] inverse = new int[order.length];
    long[] dims = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      axes[i] = shape().axis("permute", order[i]);
      inverse[axes[i]] = i;
      dims[i] = dim(axes[i]);
    }
    return view(
        "permute",
        Shape.of(dims),
        (strides, offset) -> {
          long[] out = new long[axes.length];
          for (int i = 0; i < out.length; i++) {
            out[i] = strides[axes[i]];
          }
          return out;
        },
        (i, g) -> g.permute(inverse));
  }

  /**
   * Returns a view repeated along new axes and axes of 1 to another shape.
   *
   * @throws IllegalArgumentException if this shape does not broadcast to it
   */
  public Tensor broadcastTo(long... dims) {
    return broadcastTo(Shape.of(dims));
  }

  /** Returns a view as {@link #broadcastTo} does, or this very tensor: only for operands. */
  private Tensor expanded(Shape target) {
    return target.equals(shape()) ? this : broadcastTo(target);
  }

  Tensor broadcastTo(Shape target) {
    if (target.equals(shape())) {
      return alias();
    }
    if (!Shape.broadcast("broadcastTo", shape(), target).equals(target)) {
      throw new IllegalArgumentException(
          "broadcastTo: shape " + shape() + " does not broadcast to " + target);
    }
    Shape from = shape();
    return view(
        "broadcastTo",
        target,
        (strides, offset) -> Layouts.broadcast(from, strides, target),
        (i, g) -> g);
  }

  /** Sums a broadcast gradient back to the shape it was broadcast from. */
  Tensor sumTo(Shape target) {
    if (target.equals(shape())) {
      return this;
    }
    int lead = rank() - target.rank();
    int[] axes = new int[rank()];
    int n = 0;
    for (int i = 0; i < rank(); i++) {
      if (i < lead || (target.dim(i - lead) == 1 && dim(i) != 1)) {
        axes[n++] = i;
      }
    }
    Tensor summed = n == 0 ? this : sum(Arrays.copyOf(axes, n), true);
    return summed.reshape(target.dims());
  }

  /** Returns the view {@code [start, end)} of an axis; bounds as in {@link Index#range}. */
  public Tensor slice(int axis, long start, long end) {
    return slice(axis, Index.range(start, end));
  }

  /** Returns every {@code step}-th element of {@code [start, end)} of an axis as a view. */
  public Tensor slice(int axis, long start, long end, long step) {
    return slice(axis, Index.range(start, end, step));
  }

  /** Returns the view that an index term takes of an axis, whole along all others. */
  public Tensor slice(int axis, Index term) {
    int a = shape().axis("slice", axis);
    Index[] terms = new Index[a + 1];
    Arrays.fill(terms, Index.all());
    terms[a] = term;
    return index(terms);
  }

  /** Returns the view at the given positions of the leading axes. */
  public Tensor get(long... positions) {
    Index[] terms = new Index[positions.length];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = Index.at(positions[i]);
    }
    return index(terms);
  }

  /**
   * Returns a view by NumPy's basic indexing, one term per axis; axes without a term are whole.
   *
   * @throws IllegalArgumentException if there are more terms than axes or two ellipses
   * @throws IndexOutOfBoundsException if a position is out of range
   */
  public Tensor index(Index... terms) {
    Indexing.Plan plan = Indexing.plan(shape(), terms);
    Shape from = shape();
    return view(
        "index", plan.shape(), plan.viewer(), (i, g) -> spread("index", from, g, plan.viewer()));
  }

  /** Returns the view with an axis reversed. */
  public Tensor flip(int axis) {
    return slice(axis, Index.every(-1));
  }

  /**
   * Returns a view of the diagonal of two axes, which goes to the end.
   *
   * @throws IllegalArgumentException if both axes are the same
   */
  public Tensor diagonal(int first, int second) {
    Indexing.Plan plan = Indexing.diagonal(shape(), first, second);
    Shape from = shape();
    return view(
        "diagonal",
        plan.shape(),
        plan.viewer(),
        (i, g) -> spread("diagonal", from, g, plan.viewer()));
  }

  /** Returns the tensor with one axis moved to another place, the others staying in order. */
  public Tensor moveAxis(int from, int to) {
    return Shaping.moveAxis(this, from, to);
  }

  /**
   * Returns the lower triangle of the matrices in the last two axes, 0 above: element [i, j] stays
   * where {@code j - i <= diagonal}.
   *
   * @throws IllegalArgumentException if there are fewer than two axes
   */
  public Tensor tril(long diagonal) {
    return Shaping.triangle(this, false, diagonal);
  }

  /**
   * Returns the upper triangle of the matrices in the last two axes, 0 below: element [i, j] stays
   * where {@code j - i >= diagonal}.
   *
   * @throws IllegalArgumentException if there are fewer than two axes
   */
  public Tensor triu(long diagonal) {
    return Shaping.triangle(this, true, diagonal);
  }

  /**
   * Returns the tensor with a constant around it. A negative amount takes elements away.
   *
   * <pre>{@code
   * Tensor.of(1, 2).pad(new long[] {1}, new long[] {2}, 0)   // 0 1 2 0 0
   * }</pre>
   *
   * @param before how many elements to put before each axis
   * @param after how many to put after each axis
   * @throws IllegalArgumentException if there is not one amount for each axis, or more is taken
   *     away than there is
   */
  public Tensor pad(long[] before, long[] after, double value) {
    return Shaping.pad(this, before, after, value);
  }

  /**
   * Returns the tensor continued beyond its ends; see {@link #pad(long[], long[], double)}.
   *
   * @throws IllegalArgumentException as there, and if an axis to be continued is empty
   */
  public Tensor pad(long[] before, long[] after, PadMode mode) {
    return Shaping.pad(this, before, after, mode);
  }

  /**
   * Returns the tensor repeated along each axis.
   *
   * @throws IllegalArgumentException if there is not one count for each axis, or one is negative
   */
  public Tensor tile(long... repeats) {
    return Shaping.tile(this, repeats);
  }

  /**
   * Returns consecutive parts of an axis, as views.
   *
   * @throws IllegalArgumentException if the sizes do not make up the axis
   */
  public List<Tensor> split(int axis, long... sizes) {
    return Shaping.split(this, axis, sizes);
  }

  /**
   * Returns an axis in a number of parts of one size, as views; the last ones take what is left,
   * possibly nothing.
   *
   * @throws IllegalArgumentException if the number is not positive
   */
  public List<Tensor> chunk(int axis, int parts) {
    return Shaping.chunk(this, axis, parts);
  }

  /** Returns the tensor if its elements lie in row-major order, or else a copy that does. */
  public Tensor contiguous() {
    Node same = engine().same(node());
    Tensor out = new Tensor(engine().contiguous(same));
    same.release();
    return Autograd.record("contiguous", out, new Tensor[] {this}, new Node[0], (i, g) -> g);
  }

  // ---------------------------------------------------------------- joining and picking

  /**
   * Returns the tensors one after the other along an axis; types promote.
   *
   * @throws IllegalArgumentException if there are none or other extents differ
   */
  public static Tensor concat(int axis, Tensor... tensors) {
    return Joining.concat(axis, tensors);
  }

  /**
   * Returns the tensors along a new axis.
   *
   * @throws IllegalArgumentException if there are none or shapes differ
   */
  public static Tensor stack(int axis, Tensor... tensors) {
    return Joining.stack(axis, tensors);
  }

  /** Makes a joined tensor from parts; for {@link Joining}. */
  static Tensor assemble(
      String op, DType dtype, Shape shape, Tensor[] parts, List<Engine.Viewer> places) {
    List<Node> nodes = new ArrayList<>(parts.length);
    for (Tensor part : parts) {
      checkSame(op, parts[0], part);
      nodes.add(part.node());
    }
    return new Tensor(parts[0].engine().assemble(op, dtype, shape, nodes, places, true));
  }

  /**
   * Returns, for an index tensor of the same rank, {@code out[i, j, ..] = this[i, index[i, j, ..],
   * ..]} with the index taken along {@code axis} (NumPy's take_along_axis); other axes broadcast.
   *
   * @throws IllegalArgumentException if ranks differ or the index is not I32 or I64
   * @throws IndexOutOfBoundsException if an index is not in [-extent, extent)
   */
  public Tensor gather(int axis, Tensor index) {
    int a = shape().axis("gather", axis);
    checkIndex("gather", this, index);
    if (index.rank() != rank()) {
      throw new IllegalArgumentException(
          "gather: ranks differ: " + shape() + " and index " + index.shape());
    }
    long[] like = shape().dims();
    long[] dims = index.shape().dims();
    for (int i = 0; i < like.length; i++) {
      if (i != a && dims[i] == 1) {
        dims[i] = like[i];
      } else if (i != a && like[i] == 1) {
        like[i] = dims[i];
      } else if (i != a && like[i] != dims[i]) {
        throw new IllegalArgumentException(
            "gather: shapes do not broadcast together off axis "
                + axis
                + ": "
                + shape()
                + " and index "
                + index.shape());
      }
    }
    Tensor source = expanded(Shape.of(like));
    Tensor places = index.expanded(Shape.of(dims));
    if (places.size() == 0) {
      Scattering.checkUnused("gather", index, dim(a));
    }
    return source.gathered("gather", a, places);
  }

  Tensor gathered(String op, int axis, Tensor index) {
    Shape from = shape();
    Node indexNode = index.node();
    Tensor out = new Tensor(engine().gather(op, node(), indexNode, axis));
    return Autograd.record(
        op,
        out,
        new Tensor[] {this},
        new Node[] {indexNode},
        (i, g) ->
            g.roundedOnce(
                wide ->
                    new Tensor(wide.engine().scatterAdd(op, from, wide.node(), indexNode, axis))));
  }

  private static void checkIndex(String op, Tensor x, Tensor index) {
    checkSame(op, x, index);
    if (!index.dtype().isInteger()) {
      throw new IllegalArgumentException(
          op + ": index must be I32 or I64: " + index.dtype() + " " + index.shape());
    }
  }

  /**
   * Returns the slices along an axis that an index tensor names; the index's shape takes the axis's
   * place (NumPy's take).
   *
   * @throws IllegalArgumentException if the index is not I32 or I64
   * @throws IndexOutOfBoundsException if an index is not in [-extent, extent)
   */
  public Tensor indexSelect(int axis, Tensor index) {
    int a = shape().axis("indexSelect", axis);
    checkIndex("indexSelect", this, index);
    long[] dims = shape().dims();
    long[] ones = new long[dims.length];
    Arrays.fill(ones, 1);
    ones[a] = index.size();
    dims[a] = index.size();
    Tensor spread = index.flatten().reshape(ones).broadcastTo(dims);
    if (spread.size() == 0) {
      Scattering.checkUnused("indexSelect", index, dim(a));
    }
    Tensor picked = gathered("indexSelect", a, spread);
    if (index.rank() == 1) {
      return picked;
    }
    long[] out = new long[rank() - 1 + index.rank()];
    for (int i = 0; i < out.length; i++) {
      boolean inside = i >= a && i < a + index.rank();
      out[i] = inside ? index.dim(i - a) : dim(i < a ? i : i - index.rank() + 1);
    }
    return picked.reshape(out);
  }

  /**
   * Returns the slices that tuples name: with an index of shape [.., d], element {@code out[i..]}
   * is {@code this[index[i.., 0], .., index[i.., d - 1]]}, where the first {@code batch} axes of
   * both tensors run side by side. The result is [index axes but the last, axes not named].
   *
   * @throws IllegalArgumentException if the shapes do not fit or the index is not I32 or I64
   * @throws IndexOutOfBoundsException if an index is not in [-extent, extent)
   */
  public Tensor gatherNd(Tensor index, int batch) {
    return Scattering.gatherNd(this, index, batch);
  }

  /**
   * Returns the tensor with elements replaced: {@code out[i, index[i, j, ..], ..] = source[i, j,
   * ..]} with the index taken along {@code axis}; of several the last stays.
   */
  public Tensor scatter(int axis, Tensor index, Tensor source) {
    return scatter(axis, index, source, Combine.REPLACE);
  }

  /**
   * Returns the tensor with elements of {@code source} joined to those at {@code out[i, index[i, j,
   * ..], ..]}, the index taken along {@code axis}. {@link Combine#ADD} takes time proportional to
   * the source, in the index's order; the others compare each element of the axis with each index.
   *
   * @param index I32 or I64, of this tensor's shape but for the extent of the axis
   * @param source of the index's shape and this tensor's type
   * @throws IllegalArgumentException if shapes or types do not fit
   * @throws IndexOutOfBoundsException if an index is not in [-extent, extent)
   */
  public Tensor scatter(int axis, Tensor index, Tensor source, Combine combine) {
    return Scattering.scatter(this, axis, index, source, combine);
  }

  /**
   * Returns the tensor with slices of {@code source} joined to the slices that tuples name: the
   * reverse of {@link #gatherNd}; see {@link #scatter(int, Tensor, Tensor, Combine)}.
   *
   * @param index I32 or I64 [.., d]
   * @param source [index axes but the last, this tensor's axes from d on], of this tensor's type
   * @throws IllegalArgumentException if shapes or types do not fit
   * @throws IndexOutOfBoundsException if an index is not in [-extent, extent)
   */
  public Tensor scatterNd(Tensor index, Tensor source, Combine combine) {
    return Scattering.scatterNd(this, index, source, combine);
  }

  /**
   * Returns F32 rows with 1 at the position each element names and 0 elsewhere; a new last axis of
   * n. An element outside [0, n) gives a row of zeros.
   *
   * @throws IllegalArgumentException if the type is not I32 or I64 or n is negative
   */
  public Tensor oneHot(long n) {
    return oneHot(n, DType.F32);
  }

  /** Returns one-hot rows of a type; see {@link #oneHot(long)}. */
  public Tensor oneHot(long n, DType dtype) {
    if (!dtype().isInteger() || n < 0) {
      throw new IllegalArgumentException(
          "oneHot: needs I32 or I64 labels and n >= 0: " + dtype() + " " + shape() + ", " + n);
    }
    return unsqueeze(-1).eq(range(n)).cast(dtype);
  }

  /** Returns 0, 1, ... n - 1 on this tensor's device. */
  Tensor range(long n) {
    return Recorder.constant(() -> arange(n).to(device()));
  }

  // ---------------------------------------------------------------- autograd

  /**
   * Makes this leaf collect a gradient, or stops it.
   *
   * @return this tensor
   * @throws IllegalArgumentException if the type is not floating
   * @throws IllegalStateException if the tensor was computed from others that require a gradient
   */
  public Tensor requiresGrad(boolean required) {
    node();
    if (gradNode != null && !gradNode.isLeaf()) {
      throw new IllegalStateException("requiresGrad: the tensor is not a leaf; use detach");
    }
    if (required && !dtype().isFloat()) {
      throw new IllegalArgumentException("requiresGrad: type is not floating: " + dtype());
    }
    if (required && gradNode == null) {
      gradNode = new GradNode(this);
    } else if (!required && gradNode != null) {
      gradNode.release();
      gradNode = null;
    }
    return this;
  }

  /** Returns whether operations on this tensor are recorded for gradients. */
  public boolean requiresGrad() {
    return gradNode != null;
  }

  @Nullable GradNode gradNode() {
    return gradNode;
  }

  void setGradNode(GradNode made) {
    gradNode = made;
  }

  /**
   * Adds the gradient of this scalar to every leaf it was computed from that requires one, and
   * frees what was saved for it.
   *
   * @throws IllegalArgumentException if this tensor has more than one element
   * @throws IllegalStateException if nothing requires a gradient, or it was walked already
   */
  public void backward() {
    if (size() != 1) {
      throw new IllegalArgumentException(
          "backward: tensor is not a scalar; pass a gradient: " + shape());
    }
    Tensor one = onesLike();
    try {
      backward(one);
    } finally {
      one.close();
    }
  }

  /**
   * Adds {@code sum(gradient * d this / d leaf)} to every leaf's gradient.
   *
   * @throws IllegalArgumentException if the gradient's shape or type differs from this tensor's
   */
  public void backward(Tensor gradient) {
    backward(gradient, false);
  }

  /** Walks the graph backwards; {@code retainGraph} keeps what was saved, for another walk. */
  public void backward(Tensor gradient, boolean retainGraph) {
    node();
    checkSame("backward", this, gradient);
    if (!gradient.shape().equals(shape()) || gradient.dtype() != dtype()) {
      throw new IllegalArgumentException(
          "backward: gradient does not fit: "
              + gradient.dtype()
              + " "
              + gradient.shape()
              + " for "
              + dtype()
              + " "
              + shape());
    }
    Autograd.backward(this, gradient, retainGraph);
  }

  /** Adds to the gradient of this leaf; takes over the argument. */
  void accumulateGrad(Tensor gradient) {
    if (closed) {
      // Nobody can ask for it any more, and nobody would close it.
      gradient.close();
      return;
    }
    Recorder recorder = Recorder.current();
    if (recorder != null) {
      recorder.touch(this, grad, Recorder.Use.ADDED_TO);
    }
    Tensor before = grad;
    if (before == null) {
      grad = gradient;
      return;
    }
    try (Scope inner = Scope.open()) {
      grad = before.add(gradient);
      inner.disown(grad);
    }
    if (recorder == null || !recorder.keeps(this, before)) {
      before.close();
    }
    gradient.close();
  }

  /**
   * Returns the gradient collected so far, if any. It belongs to this tensor: {@link #zeroGrad}
   * closes it.
   */
  public Optional<Tensor> grad() {
    Recorder recorder = Recorder.current();
    if (recorder != null) {
      recorder.touch(this, grad, Recorder.Use.READ);
    }
    return Optional.ofNullable(grad);
  }

  /** Forgets the gradient. */
  public void zeroGrad() {
    Recorder recorder = Recorder.current();
    if (recorder != null) {
      recorder.touch(this, grad, Recorder.Use.FORGOTTEN);
    }
    if (grad != null) {
      if (recorder == null || !recorder.keeps(this, grad)) {
        grad.close();
      }
      grad = null;
    }
  }

  @Nullable Tensor gradient() {
    return grad;
  }

  void setGradient(@Nullable Tensor gradient) {
    grad = gradient;
  }

  /** Returns the same elements without history, and not shared with anybody's array. */
  Tensor snapshot() {
    return node().isWrapped() ? new Tensor(engine().copy(node())) : detach();
  }

  /** Returns the same elements without gradient history. */
  public Tensor detach() {
    return new Tensor(engine().same(node()));
  }

  /** Runs code whose operations are not recorded for gradients. */
  public static <T extends @Nullable Object> T noGrad(Supplier<T> body) {
    return Autograd.without(body);
  }

  /** Runs code whose operations are not recorded for gradients. */
  public static void noGrad(Runnable body) {
    Autograd.without(
        () -> {
          body.run();
          return null;
        });
  }
}
