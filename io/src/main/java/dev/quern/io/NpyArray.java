package dev.quern.io;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array in the Java heap, as a file holds it.
 *
 * @param shape the extents
 * @param dtype the element type
 * @param data the elements in row-major order: {@code float[]} for F32, {@code double[]} for F64,
 *     {@code int[]} for I32, {@code long[]} for I64, {@code boolean[]} for BOOL, {@code short[]}
 *     with the bits of F16 and BF16; not copied
 */
public record NpyArray(Shape shape, DType dtype, Object data) {
  /**
   * Checks that the parts belong together.
   *
   * @throws IllegalArgumentException if {@code data} is not the array that {@code dtype} and {@code
   *     shape} call for
   */
  public NpyArray {
    if (!data.getClass().equals(arrayClass(dtype))) {
      throw new IllegalArgumentException(
          "npy: " + dtype + " elements in a " + data.getClass().getSimpleName());
    }
    if (Array.getLength(data) != shape.size()) {
      throw new IllegalArgumentException(
          "npy: shape " + shape + " does not fit " + Array.getLength(data) + " elements");
    }
  }

  private static Class<?> arrayClass(DType dtype) {
    return switch (dtype) {
      case BOOL -> boolean[].class;
      case I32 -> int[].class;
      case I64 -> long[].class;
      case F16, BF16 -> short[].class;
      case F32 -> float[].class;
      case F64 -> double[].class;
    };
  }

  /** Returns the array that holds a copy of a tensor's elements. */
  public static NpyArray of(Tensor tensor) {
    Object data =
        switch (tensor.dtype()) {
          case BOOL -> tensor.toBooleanArray();
          case I32 -> tensor.toIntArray();
          case I64 -> tensor.toLongArray();
          case F16, BF16 -> tensor.toBits();
          case F32 -> tensor.toFloatArray();
          case F64 -> tensor.toDoubleArray();
        };
    return new NpyArray(tensor.shape(), tensor.dtype(), data);
  }

  /** Returns a tensor on the current device with a copy of the elements. */
  public Tensor tensor() {
    long[] dims = shape.dims();
    return switch (dtype) {
      case BOOL -> Tensor.of((boolean[]) data, dims);
      case I32 -> Tensor.of((int[]) data, dims);
      case I64 -> Tensor.of((long[]) data, dims);
      case F16, BF16 -> Tensor.ofBits(dtype, (short[]) data, dims);
      case F32 -> Tensor.of((float[]) data, dims);
      case F64 -> Tensor.of((double[]) data, dims);
    };
  }

  /** Returns the elements as doubles; false is 0, true 1, and I64 beyond 2^53 is rounded. */
  public double[] toDoubleArray() {
    double[] out = new double[(int) shape.size()];
    Element.widen(dtype, data, out, 0);
    return out;
  }

  /** Writes the elements in row-major order, little-endian, a truth value as a byte 0 or 1. */
  void writeTo(OutputStream out) throws IOException {
    int n = (int) shape.size();
    int bytes = dtype.bytes();
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    int step = chunk.capacity() / bytes;
    for (int done = 0; done < n; done += step) {
      int count = Math.min(step, n - done);
      chunk.clear();
      switch (dtype) {
        case BOOL -> {
          for (int i = 0; i < count; i++) {
            chunk.put(i, (byte) (((boolean[]) data)[done + i] ? 1 : 0));
          }
        }
        case I32 -> chunk.asIntBuffer().put((int[]) data, done, count);
        case I64 -> chunk.asLongBuffer().put((long[]) data, done, count);
        case F16, BF16 -> chunk.asShortBuffer().put((short[]) data, done, count);
        case F32 -> chunk.asFloatBuffer().put((float[]) data, done, count);
        case F64 -> chunk.asDoubleBuffer().put((double[]) data, done, count);
      }
      out.write(chunk.array(), 0, count * bytes);
    }
  }
}
