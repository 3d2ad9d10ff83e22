package dev.quern.io;

import dev.quern.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The IDX format of the MNIST files: two zero bytes, a byte for the element type, a byte for the
 * number of axes, each extent as a big-endian 32-bit integer, then the elements, big-endian.
 *
 * <p>Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.
 */
public final class Idx {
  /** The type byte of unsigned bytes, as in the third byte of an image file. */
  public static final int UNSIGNED_BYTE = 0x08;

  private Idx() {}

  /**
   * Reads a file, plain or gzipped. Integers of up to 32 bits are read as I32.
   *
   * @throws FormatException if the content is not well-formed IDX
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static NpyArray read(Path path) {
    try (InputFile in = InputFile.open(path)) {
      return read(in);
    }
  }

  /**
   * Reads from a file just opened.
   *
   * @throws FormatException if the content is not well-formed IDX
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static NpyArray read(InputFile in) {
    byte[] head = in.read(4, "IDX header");
    if (head[0] != 0 || head[1] != 0) {
      throw in.error(
          0, String.format("not an IDX file: it starts with 0x%02x%02x, not 0", head[0], head[1]));
    }
    Element element = element(head[2]);
    if (element == null) {
      throw in.error(2, String.format("unknown IDX element type 0x%02x", head[2]));
    }
    int rank = head[3] & 0xff;
    if (rank == 0) {
      throw in.error(3, "IDX data without an axis");
    }
    if (rank > NpyHeader.MAX_RANK) {
      throw in.error(3, "absurd number of axes: " + rank);
    }
    in.require(4L * rank, rank + " extents");
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      byte[] b = in.read(4, "IDX header");
      int dim = ByteBuffer.wrap(b).getInt();
      if (dim < 0) {
        throw in.error(
            in.position() - 4, "absurd extent " + Integer.toUnsignedLong(dim) + " of axis " + i);
      }
      dims[i] = dim;
    }
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw in.error(4, "absurd extents: " + e.getMessage());
    }
    Object data = element.readToEnd(in, ByteOrder.BIG_ENDIAN, shape.size());
    return new NpyArray(shape, element.dtype(), data);
  }

  private static @Nullable Element element(byte code) {
    return switch (code) {
      case UNSIGNED_BYTE -> Element.UINT8;
      case 0x09 -> Element.INT8;
      case 0x0b -> Element.INT16;
      case 0x0c -> Element.INT32;
      case 0x0d -> Element.FLOAT32;
      case 0x0e -> Element.FLOAT64;
      default -> null;
    };
  }
}
