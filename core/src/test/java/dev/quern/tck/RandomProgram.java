package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * One random sequence of tensor operations, run on the device and by an interpreter on the host at
 * the same time. Only operations whose results do not depend on rounding or order are drawn, or
 * only where they do not, so that every bit must agree.
 */
final class RandomProgram {
  private static final int MAX_SIZE = 600;
  private static final int MAX_RANK = 4;
  private static final List<OpRow> ROWS =
      OpRows.all().stream().filter(row -> row.bound == Bound.EXACT).toList();

  /** A tensor and what it must hold. */
  private record Entry(Tensor tensor, Values values, String name) {}

  private final SplittableRandom random;
  private final List<Entry> entries = new ArrayList<>();
  private final StringBuilder trace = new StringBuilder();
  private int count;

  RandomProgram(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Runs a program of some length and compares everything that is left at the end. */
  void run() {
    int inputs = random.nextInt(1, 5);
    for (int i = 0; i < inputs; i++) {
      input();
    }
    int length = random.nextInt(3, 30);
    for (int i = 0; i < length; i++) {
      step();
    }
    while (!entries.isEmpty()) {
      check(entries.remove(random.nextInt(entries.size())));
    }
  }

  /** Returns the program so far, one operation a line. */
  String trace() {
    return trace.toString();
  }

  private static void check(Entry entry) {
    Expect.same(entry.name, entry.values, entry.tensor);
  }

  private void add(String text, Tensor tensor, Values values) {
    String name = "v" + count++;
    trace.append('\n').append(name).append(" = ").append(text);
    trace.append(" : ").append(values.dtype()).append(Arrays.toString(values.dims()));
    entries.add(new Entry(tensor, values, name));
  }

  private Entry any() {
    return entries.get(random.nextInt(entries.size()));
  }

  private void input() {
    long[] dims = new long[random.nextInt(MAX_RANK)];
    Arrays.setAll(dims, i -> random.nextInt(12) == 0 ? 0 : random.nextInt(1, 6));
    DType dtype = DType.values()[random.nextInt(DType.values().length)];
    Layout layout = Layout.values()[random.nextInt(Layout.values().length)];
    Values values =
        random.nextBoolean()
            ? Samples.whole(dtype, random.nextLong(), 5, dims)
            : Samples.random(dtype, random.nextLong(), r -> r.nextDouble(-4, 4), dims);
    add(layout + " input", layout.of(values), values);
  }

  private void step() {
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 -> elementwise();
      case 10 -> cast();
      case 11, 12 -> index();
      case 13 -> permute();
      case 14 -> reshape();
      case 15 -> broadcast();
      case 16, 17 -> reduce();
      case 18 -> matmul();
      case 19 -> join();
      case 20 -> pick();
      case 21 -> assign();
      case 22 -> argReduce();
      default -> forget();
    }
    if (entries.isEmpty()) {
      input();
    }
    if (random.nextInt(6) == 0) {
      check(any());
    }
  }

  private void elementwise() {
    OpRow row = ROWS.get(random.nextInt(ROWS.size()));
    List<Entry> operands = new ArrayList<>();
    List<Values> values = new ArrayList<>();
    long[] dims = {};
    for (int i = 0; i < row.arity; i++) {
      Entry entry = fitting(row.operandType(i, DType.F32) == DType.BOOL || isLogic(row), dims);
      if (row.kind == OpRow.Kind.NUMERIC && entry.values.dtype() == DType.BOOL) {
        entry = converted(entry, DType.I32);
      }
      operands.add(entry);
      values.add(entry.values);
      dims = Values.broadcast(dims, entry.values.dims());
    }
    int first = row.kind == OpRow.Kind.SELECT ? 1 : 0;
    DType common = DType.BOOL;
    for (int i = first; i < row.arity; i++) {
      common = DType.promote(common, values.get(i).dtype());
    }
    for (int i = first; i < row.arity; i++) {
      values.set(i, values.get(i).cast(common));
    }
    Tensor[] tensors = operands.stream().map(Entry::tensor).toArray(Tensor[]::new);
    add(
        row.name + operands.stream().map(Entry::name).toList(),
        row.call.apply(tensors),
        row.expected(common, values));
  }

  private static boolean isLogic(OpRow row) {
    return row.kind == OpRow.Kind.LOGIC;
  }

  /** Returns an entry that broadcasts with these extents and is BOOL if need be. */
  private Entry fitting(boolean bool, long... dims) {
    for (int attempt = 0; attempt < 10; attempt++) {
      Entry entry = any();
      if (broadcasts(entry.values.dims(), dims)) {
        return bool && entry.values.dtype() != DType.BOOL ? converted(entry, DType.BOOL) : entry;
      }
    }
    DType dtype = bool ? DType.BOOL : DType.F32;
    Values scalar = Samples.whole(dtype, random.nextLong(), 3);
    return new Entry(scalar.upload(), scalar, scalar.toString());
  }

  private static boolean broadcasts(long[] a, long[] b) {
    for (int i = 1; i <= Math.min(a.length, b.length); i++) {
      long x = a[a.length - i];
      long y = b[b.length - i];
      if (x != y && x != 1 && y != 1) {
        return false;
      }
    }
    return Values.count(Values.broadcast(a, b)) <= MAX_SIZE;
  }

  private static Entry converted(Entry entry, DType dtype) {
    return new Entry(
        entry.tensor.cast(dtype), entry.values.cast(dtype), entry.name + ".cast(" + dtype + ")");
  }

  private void cast() {
    Entry x = any();
    DType dtype = DType.values()[random.nextInt(DType.values().length)];
    Entry y = converted(x, dtype);
    add(y.name, y.tensor, y.values);
  }

  private void index() {
    Entry x = any();
    IndexOracle oracle = IndexOracle.random(random, x.values.dims());
    add(x.name + oracle.text(), x.tensor.index(oracle.terms()), oracle.apply(x.values));
  }

  private void permute() {
    Entry x = any();
    int[] order = new int[x.values.rank()];
    Arrays.setAll(order, i -> i);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    add(
        x.name + ".permute" + Arrays.toString(order),
        x.tensor.permute(order),
        x.values.permute(order));
  }

  private void reshape() {
    Entry x = any();
    long rest = x.values.size();
    List<Long> dims = new ArrayList<>();
    while (rest > 1 && dims.size() < 3) {
      long[] divisors = divisors(rest);
      long dim = divisors[random.nextInt(divisors.length)];
      dims.add(dim);
      rest /= dim;
    }
    dims.add(rest);
    if (random.nextInt(3) == 0) {
      dims.add(random.nextInt(dims.size() + 1), 1L);
    }
    long[] to = dims.stream().mapToLong(v -> v).toArray();
    add(x.name + ".reshape" + Arrays.toString(to), x.tensor.reshape(to), x.values.reshape(to));
  }

  private static long[] divisors(long n) {
    return LongStream.rangeClosed(1, n).filter(d -> n % d == 0).toArray();
  }

  private void broadcast() {
    Entry x = any();
    long[] dims = x.values.dims();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] == 1 ? random.nextInt(1, 4) : dims[i];
    }
    if (dims.length < MAX_RANK && random.nextBoolean()) {
      long[] longer = new long[dims.length + 1];
      longer[0] = random.nextInt(1, 4);
      System.arraycopy(dims, 0, longer, 1, dims.length);
      dims = longer;
    }
    if (Values.count(dims) <= MAX_SIZE) {
      add(
          x.name + ".broadcastTo" + Arrays.toString(dims),
          x.tensor.broadcastTo(dims),
          x.values.broadcastTo(dims));
    }
  }

  private int[] axes(int rank) {
    return LongStream.range(0, rank)
        .filter(i -> random.nextBoolean())
        .mapToInt(i -> (int) i - (random.nextBoolean() ? rank : 0))
        .toArray();
  }

  private void reduce() {
    Entry x = any();
    int[] axes = axes(x.values.rank());
    boolean keepDims = random.nextBoolean();
    Groups groups = new Groups(x.values.dims(), Groups.flags(x.values.rank(), axes));
    Reduction reduction = Reduction.values()[random.nextInt(4)];
    boolean exact = isExactSum(x.values);
    String text = x.name + "." + reduction + Arrays.toString(axes) + (keepDims ? " kept" : "");
    DType dtype = x.values.dtype();
    boolean reals = dtype.isFloat();
    if (reduction == Reduction.SUM && (exact || !reals)) {
      Values y =
          reals
              ? groups.reals(x.values, keepDims, Groups::sum).cast(dtype)
              : groups.integers(x.values, keepDims, DType.I64, v -> LongStream.of(v).sum());
      add(text, x.tensor.sum(axes, keepDims), y);
    } else if (reduction == Reduction.PROD && !reals) {
      Values y =
          groups.integers(
              x.values, keepDims, DType.I64, v -> LongStream.of(v).reduce(1, (a, b) -> a * b));
      add(text, x.tensor.prod(axes, keepDims), y);
    } else if (reduction == Reduction.MAX && reals) {
      Values y = groups.reals(x.values, keepDims, Groups::max).cast(dtype);
      add(text, x.tensor.max(axes, keepDims), y);
    } else if (reals) {
      Values y = groups.reals(x.values, keepDims, Groups::min).cast(dtype);
      add(text, x.tensor.min(axes, keepDims), y);
    } else if (x.values.size() > 0) {
      Values y =
          groups.integers(x.values, keepDims, dtype, v -> LongStream.of(v).max().orElseThrow());
      add(text, x.tensor.max(axes, keepDims), y);
    }
  }

  /**
   * Returns whether all partial sums are whole numbers that the type holds, and there is no -0.0.
   */
  private static boolean isExactSum(Values x) {
    double sum = 0;
    for (int i = 0; i < x.size(); i++) {
      double v = x.real(i);
      if (v != Math.rint(v) || (v == 0 && 1 / v < 0)) {
        return false;
      }
      sum += Math.abs(v);
    }
    return sum < 0x1p24;
  }

  private void argReduce() {
    Entry x = any();
    if (x.values.rank() == 0) {
      return;
    }
    int axis = random.nextInt(x.values.rank());
    if (x.values.dim(axis) == 0) {
      return;
    }
    boolean max = random.nextBoolean();
    Groups groups = new Groups(x.values.dims(), Groups.flags(x.values.rank(), axis));
    // Integers beyond 2^53 could tie as doubles.
    if (x.values.dtype().isFloat() || isExactSum(x.values)) {
      add(
          x.name + (max ? ".argmax " : ".argmin ") + axis,
          max ? x.tensor.argmax(axis) : x.tensor.argmin(axis),
          groups.reals(x.values, false, v -> Groups.arg(max, v)).cast(DType.I64));
    }
  }

  private void matmul() {
    Entry x = any();
    if (x.values.rank() == 0 || x.values.dtype() == DType.BOOL || !isExactSum(x.values)) {
      return;
    }
    long inner = x.values.dim(x.values.rank() - 1);
    long columns = random.nextInt(1, 6);
    Values w = Samples.whole(x.values.dtype(), random.nextLong(), 2, inner, columns);
    Layout layout = Layout.values()[random.nextInt(Layout.values().length)];
    Values product = MatmulTck.product(x.values, w, false);
    if (isExactSum(product)) {
      add(
          x.name + ".matmul " + layout + " " + Arrays.toString(w.dims()),
          x.tensor.matmul(layout.of(w)),
          product.cast(x.values.dtype()));
    }
  }

  private void join() {
    Entry x = any();
    if (2 * x.values.size() > MAX_SIZE || x.values.rank() >= MAX_RANK) {
      return;
    }
    // Twice the same tensor, once of them reversed.
    int rank = x.values.rank();
    Values flipped = x.values;
    Tensor other = x.tensor;
    if (rank > 0 && x.values.size() > 0) {
      long[] strides = Values.strides(x.values.dims());
      long last = (x.values.dim(0) - 1) * strides[0];
      strides[0] = -strides[0];
      flipped = x.values.strided(x.values.dims(), strides, last);
      other = x.tensor.flip(0);
    }
    Values both = flipped;
    Values own = x.values;
    long[] dims = new long[rank + 1];
    dims[0] = 2;
    System.arraycopy(x.values.dims(), 0, dims, 1, rank);
    int n = own.size();
    double[] index = new double[2 * n];
    Arrays.setAll(index, i -> i);
    Values places = Values.of(index, dims);
    Values stacked =
        own.dtype().isFloat()
            ? Values.reals(
                own.dtype(),
                places.mapReals(i -> i < n ? own.real((int) i) : both.real((int) i - n)).reals(),
                dims)
            : Values.integers(
                own.dtype(),
                LongStream.range(0, 2L * n)
                    .map(i -> i < n ? own.integer((int) i) : both.integer((int) i - n))
                    .toArray(),
                dims);
    add("stack(" + x.name + ", flipped)", Tensor.stack(0, x.tensor, other), stacked);
  }

  private void pick() {
    Entry x = any();
    if (x.values.rank() == 0) {
      return;
    }
    int axis = random.nextInt(x.values.rank());
    long dim = x.values.dim(axis);
    if (dim == 0) {
      return;
    }
    int n = random.nextInt(1, 5);
    Values index = Samples.indices(DType.I64, random.nextLong(), -dim, dim, n);
    long[] dims = x.values.dims();
    long[] strides = Values.strides(dims);
    dims[axis] = n;
    if (Values.count(dims) > MAX_SIZE) {
      return;
    }
    Values shape = Values.of(new double[Values.count(dims)], dims);
    Values y =
        x.values.pick(
            dims,
            i -> {
              long[] place = shape.place(i);
              long at = index.integer((int) place[axis]);
              place[axis] = at < 0 ? at + dim : at;
              long flat = 0;
              for (int k = 0; k < place.length; k++) {
                flat += place[k] * strides[k];
              }
              return (int) flat;
            });
    add(
        x.name + ".indexSelect " + axis + " " + index,
        x.tensor.indexSelect(axis, index.upload()),
        y);
  }

  private void assign() {
    int at = random.nextInt(entries.size());
    Entry target = entries.get(at);
    Entry value = any();
    long[] dims = target.values.dims();
    if (!broadcasts(value.values.dims(), dims)
        || !Arrays.equals(Values.broadcast(value.values.dims(), dims), dims)) {
      return;
    }
    DType dtype = target.values.dtype();
    Entry fitting = value.values.dtype() == dtype ? value : converted(value, dtype);
    target.tensor.assign(fitting.tensor);
    trace.append('\n').append(target.name).append(".assign ").append(fitting.name);
    entries.set(at, new Entry(target.tensor, fitting.values.broadcastTo(dims), target.name));
  }

  private void forget() {
    if (entries.size() > 1) {
      Entry entry = entries.remove(random.nextInt(entries.size()));
      trace.append('\n').append("close ").append(entry.name);
      entry.tensor.close();
    }
  }
}
