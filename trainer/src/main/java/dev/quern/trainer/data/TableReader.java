package dev.quern.trainer.data;

import dev.quern.io.Idx;
import dev.quern.io.InputFile;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a table from a file in whichever format its first bytes show: {@code .npy}, IDX or text,
 * plain or gzipped. Axes after the first are flattened into columns.
 */
public final class TableReader {
  private TableReader() {}

  /**
   * Reads a file.
   *
   * @param header whether a text file's first line holds names instead of numbers
   * @throws DataException if the content cannot be used
   * @throws dev.quern.io.FormatException if a binary file is malformed
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static Table read(Path path, boolean header) {
    try (InputFile in = InputFile.open(path)) {
      return read(in, header);
    }
  }

  static Table read(InputFile in, boolean header) {
    byte[] head = in.peek(6);
    if (head.length == 0) {
      throw new DataException(in.name() + ": the file is empty");
    }
    if ((head[0] & 0xff) == 0x93) {
      return table(in, Npy.read(in), false);
    }
    if (head[0] == 0) {
      boolean pixels = head.length > 2 && head[2] == Idx.UNSIGNED_BYTE;
      return table(in, Idx.read(in), pixels);
    }
    return TextTable.read(in, header);
  }

  private static Table table(InputFile in, NpyArray array, boolean pixels) {
    long[] dims = array.shape().dims();
    if (dims.length == 0) {
      throw new DataException(in.name() + ": a single number is no table");
    }
    if (array.shape().size() == 0) {
      throw new DataException(in.name() + ": no data: shape " + array.shape());
    }
    int columns = (int) (array.shape().size() / dims[0]);
    // Images get the default scaling of bytes, a vector of byte labels does not.
    boolean images = pixels && dims.length > 1;
    ImageSize image = ImageSize.of(array.shape()).orElse(null);
    return new Table(in.name(), columns, array.toDoubleArray(), null, List.of(), images, image)
        .requireFinite();
  }
}
