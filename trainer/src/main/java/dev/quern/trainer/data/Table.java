package dev.quern.trainer.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A matrix of finite numbers read from a file, which remembers where each row came from. */
public final class Table {
  private final String source;
  private final int rows;
  private final int columns;
  private final double[] values;
  private final int @Nullable [] lines;
  private final List<String> names;
  private final boolean pixels;

  Table(
      String source,
      int columns,
      double[] values,
      int @Nullable [] lines,
      List<String> names,
      boolean pixels) {
    this.source = source;
    this.rows = values.length / columns;
    this.columns = columns;
    this.values = values;
    this.lines = lines;
    this.names = names;
    this.pixels = pixels;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int columns() {
    return columns;
  }

  /** Returns the names from the header line, as many as it has; empty without one. */
  public List<String> names() {
    return names;
  }

  /** Returns whether the file holds unsigned bytes, as files of grey images do. */
  public boolean isPixels() {
    return pixels;
  }

  /** Returns one number. */
  public double at(int row, int column) {
    return values[row * columns + column];
  }

  /** Returns the numbers row by row; not a copy. */
  double[] values() {
    return values;
  }

  /** Returns an exception that names the file and the place of a row in it. */
  public DataException error(int row, String problem) {
    String place = lines == null ? "row " + (row + 1) : "line " + lines[row];
    return new DataException(source + ": " + place + ": " + problem);
  }

  /** Returns an exception that names the file. */
  public DataException error(String problem) {
    return new DataException(source + ": " + problem);
  }

  /** Returns the table of one column. */
  public Table column(int column) {
    double[] out = new double[rows];
    for (int row = 0; row < rows; row++) {
      out[row] = at(row, column);
    }
    return new Table(source, 1, out, lines, List.of(), false);
  }

  /**
   * Returns the table of all columns but one.
   *
   * @throws DataException if it is the only one
   */
  public Table without(int column) {
    if (columns == 1) {
      throw error("the only column is the label: no feature is left");
    }
    double[] out = new double[rows * (columns - 1)];
    for (int row = 0; row < rows; row++) {
      int from = row * columns;
      int to = row * (columns - 1);
      System.arraycopy(values, from, out, to, column);
      System.arraycopy(values, from + column + 1, out, to + column, columns - 1 - column);
    }
    return new Table(source, columns - 1, out, lines, List.of(), pixels);
  }

  /**
   * Checks that every number is finite.
   *
   * @throws DataException if one is not
   */
  Table requireFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw error(i / columns, "column " + (i % columns + 1) + ": " + values[i]);
      }
    }
    return this;
  }
}
