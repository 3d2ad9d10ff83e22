package dev.quern.trainer.data;

/** Rows of finite numbers, read one at a time: from memory, or from a file larger than that. */
public interface RowSource {
  /** Returns the number of rows. */
  int rows();

  /** Returns the numbers in a row. */
  int columns();

  /**
   * Reads a row.
   *
   * @param target receives the row's numbers from {@code at} on
   * @throws DataException if one of them is not finite
   */
  void read(int row, double[] target, int at);

  /** Returns an exception that names the file and the place of a number in it. */
  DataException error(int row, int column, String problem);
}
