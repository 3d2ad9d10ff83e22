package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A dense row-major array on the host: what tests feed to tensors and what they expect from them.
 * Floating values are held as doubles (already rounded to what the type can hold), all others as
 * longs.
 */
final class Values {
  private final DType dtype;
  private final long[] dims;
  private final double[] reals;
  private final long[] integers;

  private Values(DType dtype, long[] dims, double[] reals, long[] integers) {
    int length = dtype.isFloat() ? reals.length : integers.length;
    if (length != count(dims)) {
      throw new AssertionError(length + " values for " + Arrays.toString(dims));
    }
    this.dtype = dtype;
    this.dims = dims;
    this.reals = reals;
    this.integers = integers;
  }

  /** Returns floating values, rounded to the type. */
  static Values reals(DType dtype, double[] values, long... dims) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = Rounding.round(dtype, values[i]);
    }
    return new Values(dtype, dims, rounded, new long[0]);
  }

  /** Returns integer or BOOL values; I32 wraps. */
  static Values integers(DType dtype, long[] values, long... dims) {
    long[] wrapped = new long[values.length];
    for (int i = 0; i < wrapped.length; i++) {
      wrapped[i] = dtype == DType.I32 ? (int) values[i] : values[i];
    }
    return new Values(dtype, dims, new double[0], wrapped);
  }

  /** Returns F64 values. */
  static Values of(double[] values, long... dims) {
    return reals(DType.F64, values, dims);
  }

  /** Returns values of any type from doubles, which integers must be able to hold. */
  static Values filled(DType dtype, double[] values, long... dims) {
    return dtype.isFloat()
        ? reals(dtype, values, dims)
        : integers(dtype, Arrays.stream(values).mapToLong(v -> (long) v).toArray(), dims);
  }

  /** Reads a tensor exactly. */
  static Values read(Tensor tensor) {
    long[] dims = tensor.shape().dims();
    DType dtype = tensor.dtype();
    return switch (dtype) {
      case F32 -> {
        float[] floats = tensor.toFloatArray();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = floats[i];
        }
        yield new Values(dtype, dims, values, new long[0]);
      }
      case F16, BF16 -> {
        short[] bits = tensor.toBits();
        double[] values = new double[bits.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = Rounding.decode(dtype, bits[i]);
        }
        yield new Values(dtype, dims, values, new long[0]);
      }
      case F64 -> new Values(dtype, dims, tensor.toDoubleArray(), new long[0]);
      case I32 ->
          integers(dtype, Arrays.stream(tensor.toIntArray()).asLongStream().toArray(), dims);
      case I64 -> integers(dtype, tensor.toLongArray(), dims);
      case BOOL -> {
        boolean[] bits = tensor.toBooleanArray();
        long[] values = new long[bits.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = bits[i] ? 1 : 0;
        }
        yield integers(dtype, values, dims);
      }
    };
  }

  /** Returns a new tensor with these values on the current device. */
  Tensor upload() {
    return switch (dtype) {
      case F32 -> {
        float[] floats = new float[reals.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) reals[i];
        }
        yield Tensor.of(floats, dims);
      }
      case F16, BF16 -> {
        short[] bits = new short[reals.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = Rounding.encode(dtype, reals[i]);
        }
        yield Tensor.ofBits(dtype, bits, dims);
      }
      case F64 -> Tensor.of(reals, dims);
      case I32 -> Tensor.of(Arrays.stream(integers).mapToInt(v -> (int) v).toArray(), dims);
      case I64 -> Tensor.of(integers, dims);
      case BOOL -> {
        boolean[] bits = new boolean[integers.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = integers[i] != 0;
        }
        yield Tensor.of(bits, dims);
      }
    };
  }

  DType dtype() {
    return dtype;
  }

  long[] dims() {
    return dims.clone();
  }

  long dim(int axis) {
    return dims[axis];
  }

  int rank() {
    return dims.length;
  }

  int size() {
    return dtype.isFloat() ? reals.length : integers.length;
  }

  /** Returns element i in row-major order as a double. */
  double real(int i) {
    return dtype.isFloat() ? reals[i] : integers[i];
  }

  /** Returns element i of an integer or BOOL array. */
  long integer(int i) {
    return integers[i];
  }

  double[] reals() {
    return reals.clone();
  }

  /** Returns the elements that a function of the result's place names. */
  Values pick(long[] newDims, IntUnaryOperator source) {
    int n = count(newDims);
    if (dtype.isFloat()) {
      double[] out = new double[n];
      for (int i = 0; i < n; i++) {
        out[i] = reals[source.applyAsInt(i)];
      }
      return new Values(dtype, newDims, out, new long[0]);
    }
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      out[i] = integers[source.applyAsInt(i)];
    }
    return new Values(dtype, newDims, new double[0], out);
  }

  /** Returns what a view with these strides from this array's elements shows. */
  Values strided(long[] newDims, long[] strides, long offset) {
    return pick(
        newDims,
        i -> {
          long at = offset;
          int rest = i;
          for (int axis = newDims.length - 1; axis >= 0; axis--) {
            at += rest % newDims[axis] * strides[axis];
            rest /= (int) newDims[axis];
          }
          return (int) at;
        });
  }

  Values reshape(long... newDims) {
    return new Values(dtype, newDims, reals, integers);
  }

  Values permute(int... order) {
    long[] own = strides(dims);
    long[] newDims = new long[order.length];
    long[] strides = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      newDims[i] = dims[order[i]];
      strides[i] = own[order[i]];
    }
    return strided(newDims, strides, 0);
  }

  /** Returns the array with all axes in reverse order. */
  Values transpose() {
    int[] order = new int[dims.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = order.length - 1 - i;
    }
    return permute(order);
  }

  Values broadcastTo(long... newDims) {
    if (Arrays.equals(newDims, dims)) {
      return this;
    }
    long[] own = strides(dims);
    long[] strides = new long[newDims.length];
    int lead = newDims.length - dims.length;
    for (int i = 0; i < dims.length; i++) {
      strides[lead + i] = dims[i] == 1 ? 0 : own[i];
    }
    return strided(newDims, strides, 0);
  }

  Values mapReals(DoubleUnaryOperator f) {
    return reals(dtype, Arrays.stream(reals).map(f).toArray(), dims);
  }

  Values mapIntegers(LongUnaryOperator f) {
    return integers(dtype, Arrays.stream(integers).map(f).toArray(), dims);
  }

  /** Returns the values in another type, by the documented rules of a cast. */
  Values cast(DType to) {
    int n = size();
    if (to.isFloat()) {
      double[] out = new double[n];
      for (int i = 0; i < n; i++) {
        // An I64 is rounded once: going through a double first would round to F32 twice.
        out[i] = dtype.isFloat() ? reals[i] : Rounding.round(to, integers[i]);
      }
      return reals(to, out, dims);
    }
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      out[i] =
          switch (to) {
            case BOOL -> (dtype.isFloat() ? reals[i] != 0 : integers[i] != 0) ? 1 : 0;
            case I32 -> dtype.isFloat() ? (int) reals[i] : (int) integers[i];
            default -> dtype.isFloat() ? (long) reals[i] : integers[i];
          };
    }
    return integers(to, out, dims);
  }

  /** Returns the place of element i, one number per axis. */
  long[] place(int i) {
    long[] at = new long[dims.length];
    long rest = i;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      at[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    return at;
  }

  /** Returns row-major strides. */
  static long[] strides(long... dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, dims[i]);
    }
    return strides;
  }

  static int count(long... dims) {
    long n = 1;
    for (long dim : dims) {
      n *= dim;
    }
    return Math.toIntExact(n);
  }

  /** Returns the extents both broadcast to, by NumPy's rules. */
  static long[] broadcast(long[] a, long[] b) {
    int rank = Math.max(a.length, b.length);
    long[] out = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.length ? a[a.length - i] : 1;
      long y = i <= b.length ? b[b.length - i] : 1;
      out[rank - i] = x == 1 ? y : x;
    }
    return out;
  }

  @Override
  public String toString() {
    return dtype
        + " "
        + Shape.of(dims)
        + " "
        + (dtype.isFloat() ? Arrays.toString(reals) : Arrays.toString(integers));
  }
}
