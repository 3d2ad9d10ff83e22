package dev.quern.io;

import dev.quern.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.nio.file.Path;

/**
 * NumPy's {@code .npy} format, versions 1 to 3, as NumPy's "NEP 1" and {@code numpy.lib.format}
 * describe it.
 *
 * <p>Element types: b1 is read as BOOL; i1, u1, i2, u2 and i4 as I32; u4 and i8 as I64; f2 as F16,
 * f4 as F32, f8 as F64; in either byte order, in C or Fortran order. All of these conversions are
 * exact. Everything else is refused: u8, f16, complex numbers, text, dates, structures, and
 * objects, which are pickled and could run any code.
 */
public final class Npy {
  private Npy() {}

  /**
   * Reads a file, plain or gzipped.
   *
   * @throws FormatException if the content is not a well-formed {@code .npy} array of a supported
   *     type
   * @throws UncheckedIOException if the file cannot be read
   */
  public static NpyArray read(Path path) {
    try (InputFile in = InputFile.open(path)) {
      return read(in);
    }
  }

  /**
   * Reads from a file just opened.
   *
   * @throws FormatException if the content is not a well-formed {@code .npy} array of a supported
   *     type
   * @throws UncheckedIOException if the file cannot be read
   */
  public static NpyArray read(InputFile in) {
    NpyHeader header = NpyHeader.read(in);
    Object data = header.element().readToEnd(in, header.order(), header.shape().size());
    if (header.fortranOrder() && header.shape().rank() > 1) {
      data = toRowMajor(data, header.shape().dims());
    }
    return new NpyArray(header.shape(), header.element().dtype(), data);
  }

  /**
   * Reads a file into a tensor on the current device.
   *
   * @throws FormatException as {@link #read(Path)}
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Tensor readTensor(Path path) {
    return read(path).tensor();
  }

  private static Object toRowMajor(Object source, long[] dims) {
    int n = Array.getLength(source);
    Object out = Array.newInstance(source.getClass().getComponentType(), n);
    int rank = dims.length;
    int[] strides = new int[rank];
    long stride = 1;
    for (int axis = 0; axis < rank; axis++) {
      strides[axis] = (int) stride;
      stride *= dims[axis];
    }
    int[] index = new int[rank];
    int from = 0;
    for (int to = 0; to < n; to++) {
      System.arraycopy(source, from, out, to, 1);
      for (int axis = rank - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < dims[axis]) {
          break;
        }
        from -= index[axis] * strides[axis];
        index[axis] = 0;
      }
    }
    return out;
  }

  /**
   * Writes a tensor as version 1.0, little-endian, in C order.
   *
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unharmed
   */
  public static void write(Path path, Tensor tensor) {
    write(path, NpyArray.of(tensor));
  }

  /**
   * Writes an array as version 1.0, little-endian, in C order. The file appears under its name only
   * when it is complete.
   *
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unharmed
   */
  public static void write(Path path, NpyArray array) {
    AtomicFile.write(path, out -> write(out, array));
  }

  /**
   * Writes an array as version 1.0, little-endian, in C order, to a stream that stays open.
   *
   * @throws IOException if the stream fails
   */
  public static void write(OutputStream out, NpyArray array) throws IOException {
    out.write(NpyHeader.write(array));
    array.writeTo(out);
  }
}
