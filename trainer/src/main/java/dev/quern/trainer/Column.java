package dev.quern.trainer;

import dev.quern.trainer.data.Table;
import java.util.List;
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
   * @throws dev.quern.trainer.data.DataException if it is not there
   */
  int in(Table table) {
    Integer index = index();
    if (index == null) {
      return named(table);
    }
    int n = table.columns();
    if (index < -n || index >= n) {
      throw table.error(option + " " + index + ": the file has " + n + " columns");
    }
    return index < 0 ? index + n : index;
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

  private int named(Table table) {
    int index = table.names().indexOf(text);
    if (index < 0) {
      throw table.error(
          option + " " + text + ": no such name in the first line: " + shown(table.names()));
    }
    if (table.names().size() != table.columns()) {
      throw table.error(
          table.names().size() + " names in the first line for " + table.columns() + " columns");
    }
    return index;
  }

  private static String shown(List<String> names) {
    return names.size() <= 10
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 10)) + " ...";
  }
}
