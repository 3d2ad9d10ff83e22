package dev.quern.trainer.data;

import dev.quern.io.NpyRows;
import java.nio.file.Path;
import java.util.Optional;

/** A {@code .npy} file that stays on the disk; rows are read when they are needed. */
public final class MappedTable implements RowSource, AutoCloseable {
  private final NpyRows file;

  private MappedTable(NpyRows file) {
    this.file = file;
  }

  /**
   * Opens a file; axes after the first are flattened into columns.
   *
   * @throws DataException if it has no rows or more than 2^31 - 1
   * @throws dev.quern.io.FormatException if it is no plain {@code .npy} file in C order
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static MappedTable open(Path path) {
    NpyRows file = NpyRows.open(path);
    if (file.shape().size() == 0) {
      throw new DataException(path + ": no data: shape " + file.shape());
    }
    if (file.rows() > Integer.MAX_VALUE - 8) {
      throw new DataException(path + ": more than 2^31 rows: " + file.rows());
    }
    return new MappedTable(file);
  }

  @Override
  public int rows() {
    return (int) file.rows();
  }

  @Override
  public int columns() {
    return file.columns();
  }

  /** Returns the size of the images that the rows are, if the file tells it. */
  public Optional<ImageSize> image() {
    return ImageSize.of(file.shape());
  }

  @Override
  public void read(int row, double[] target, int at) {
    file.read(row, target, at);
    for (int j = 0; j < columns(); j++) {
      if (!Double.isFinite(target[at + j])) {
        throw error(row, j, String.valueOf(target[at + j]));
      }
    }
  }

  @Override
  public DataException error(int row, int column, String problem) {
    return new DataException(
        file.name() + ": row " + (row + 1) + ": column " + (column + 1) + ": " + problem);
  }

  @Override
  public void close() {
    file.close();
  }
}
