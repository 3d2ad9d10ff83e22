package dev.quern.io;

import dev.quern.DType;
import dev.quern.Shape;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A plain {@code .npy} file that is mapped into memory and read row by row, for data larger than
 * memory. A row is what one index of the first axis selects, flattened. Threads may share it.
 */
public final class NpyRows implements AutoCloseable {
  private final FileBytes bytes;
  private final NpyHeader header;
  private final long start;
  private final int columns;

  private NpyRows(FileBytes bytes, NpyHeader header, long start, int columns) {
    this.bytes = bytes;
    this.header = header;
    this.start = start;
    this.columns = columns;
  }

  /**
   * Opens a file; nothing but its header is read.
   *
   * @throws FormatException if the file is not a well-formed {@code .npy} array of a type that
   *     {@link Npy} reads, has no axis, is compressed, or holds its columns one after the other
   * @throws UncheckedIOException if the file cannot be read
   */
  public static NpyRows open(Path path) {
    return open(FileBytes.map(path));
  }

  static NpyRows open(FileBytes bytes) {
    try (InputFile in = bytes.range(0, bytes.size())) {
      byte[] magic = in.peek(2);
      if (magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b) {
        throw in.error(0, "is gzipped: only a plain .npy file can be read row by row");
      }
      NpyHeader header = NpyHeader.read(in);
      long start = in.position();
      Shape shape = header.shape();
      if (shape.rank() == 0) {
        throw in.error(0, "a single number has no rows");
      }
      if (header.fortranOrder() && shape.rank() > 1) {
        throw in.error(0, "is in Fortran order: only C order can be read row by row");
      }
      int size = header.element().bytes();
      long left = bytes.size() - start;
      if (shape.size() != left / size || left % size != 0) {
        throw in.error(
            start,
            "data of " + shape + " elements of " + size + " bytes, but the file has " + left);
      }
      long columns = shape.size() == 0 ? 0 : shape.size() / shape.dim(0);
      if (columns > Integer.MAX_VALUE / 8) {
        throw in.error(0, "rows of " + columns + " elements are too long");
      }
      return new NpyRows(bytes, header, start, (int) columns);
    }
  }

  /** Returns the name of the file. */
  public String name() {
    return bytes.name();
  }

  /** Returns the extents. */
  public Shape shape() {
    return header.shape();
  }

  /** Returns the type that elements are read as. */
  public DType dtype() {
    return header.element().dtype();
  }

  /** Returns the number of rows. */
  public long rows() {
    return header.shape().dim(0);
  }

  /** Returns the number of elements of a row. */
  public int columns() {
    return columns;
  }

  /**
   * Reads one row as doubles; false is 0, true 1, and I64 beyond 2^53 is rounded.
   *
   * @param target receives {@link #columns} numbers from {@code at} on
   * @throws IllegalArgumentException if there is no such row
   * @throws IllegalStateException if this is closed
   * @throws UncheckedIOException if the file has been cut short meanwhile
   */
  public void read(long row, double[] target, int at) {
    if (row < 0 || row >= rows()) {
      throw new IllegalArgumentException("npy: no row " + row + " among " + rows());
    }
    int length = columns * header.element().bytes();
    byte[] raw = new byte[length];
    bytes.read(start + row * length, raw, 0, length, "data");
    header.element().decode(ByteBuffer.wrap(raw).order(header.order()), columns, target, at);
  }

  /** Lets go of the file; a second call does nothing. */
  @Override
  public void close() {
    bytes.close();
  }
}
