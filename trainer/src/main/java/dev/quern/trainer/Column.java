package dev.quern.trainer;

import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Table;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table as options name it: last, first, an index from 0 (negative from the end), or
 * a name from the first line.
 *
 * @param option the option that names it
 */
record Column(String option, String text) {
  /** Returns whether it is a name, so that the first line holds names. */
  boolean isName() {
    return index() == null;
  }

  /**
   * Returns its place in a table.
   *
   * @throws DataException if it is not there
   */
  int in(Table table) {
    return in(table.columns(), table.names(), table::error);
  }

  /**
   * Returns its place in a file.
   *
   * @param error makes an exception that names the file
   * @throws DataException if it is not there
   */
  int in(int columns, List<String> names, Function<String, DataException> error) {
    Integer index = index();
    if (index == null) {
      return named(columns, names, error);
    }
    if (index < -columns || index >= columns) {
      throw error.apply(option + " " + index + ": the file has " + columns + " columns");
    }
    return index < 0 ? index + columns : index;
  }

  private @Nullable Integer index() {
    if (text.equals("last") || text.equals("first")) {
      return text.equals("last") ? -1 : 0;
    }
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private int named(int columns, List<String> names, Function<String, DataException> error) {
    int index = names.indexOf(text);
    if (index < 0) {
      throw error.apply(option + " " + text + ": no such name in the first line: " + shown(names));
    }
    if (names.size() != columns) {
      throw error.apply(names.size() + " names in the first line for " + columns + " columns");
    }
    return index;
  }

  private static String shown(List<String> names) {
    return names.size() <= 10
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 10)) + " ...";
  }
}
