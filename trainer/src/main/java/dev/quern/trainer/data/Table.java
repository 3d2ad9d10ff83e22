package dev.quern.trainer.data;

import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A matrix of finite numbers read from a file, which remembers where each row came from. */
public final class Table implements RowSource {
  private final String source;
  private final int rows;
  private final int columns;
  private final double[] values;
  private final int @Nullable [] lines;
  private final List<String> names;
  private final boolean pixels;
  private final IntUnaryOperator columnInFile;
  private final @Nullable ImageSize image;

  Table(
      String source,
      int columns,
      double[] values,
      int @Nullable [] lines,
      List<String> names,
      boolean pixels) {
    this(source, columns, values, lines, names, pixels, null);
  }

  Table(
      String source,
      int columns,
      double[] values,
      int @Nullable [] lines,
      List<String> names,
      boolean pixels,
      @Nullable ImageSize image) {
    this(source, columns, values, lines, names, pixels, IntUnaryOperator.identity(), image);
  }

  private Table(
      String source,
      int columns,
      double[] values,
      int @Nullable [] lines,
      List<String> names,
      boolean pixels,
      IntUnaryOperator columnInFile,
      @Nullable ImageSize image) {
    this.source = source;
    this.rows = values.length / columns;
    this.columns = columns;
    this.values = values;
    this.lines = lines;
    this.names = names;
    this.pixels = pixels;
    this.columnInFile = columnInFile;
    this.image = image;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  /** Returns the names from the header line, as many as it has; empty without one. */
  public List<String> names() {
    return names;
  }

  /** Returns whether the header line holds a name for each column, and no numbers instead. */
  public boolean isNamed() {
    return names.size() == columns && names.stream().noneMatch(Table::isNumber);
  }

  private static boolean isNumber(String text) {
    try {
      return !Double.isNaN(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Returns the size of the images that the rows are, if the file tells it. */
  public Optional<ImageSize> image() {
    return Optional.ofNullable(image);
  }

  /** Returns whether the file holds unsigned bytes, as files of grey images do. */
  public boolean isPixels() {
    return pixels;
  }

  @Override
  public void read(int row, double[] target, int at) {
    System.arraycopy(values, row * columns, target, at, columns);
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

  @Override
  public DataException error(int row, int column, String problem) {
    return error(row, "column " + (columnInFile.applyAsInt(column) + 1) + ": " + problem);
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
    return new Table(source, 1, out, lines, List.of(), false, j -> column, null);
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
    return new Table(
        source, columns - 1, out, lines, List.of(), pixels, j -> j < column ? j : j + 1, null);
  }

  /**
   * Checks that every number is finite.
   *
   * @throws DataException if one is not
   */
  Table requireFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw error(i / columns, i % columns, String.valueOf(values[i]));
      }
    }
    return this;
  }
}
