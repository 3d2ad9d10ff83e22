package dev.quern.trainer;

import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.FeaturePlane;
import dev.quern.trainer.data.ImageSize;
import dev.quern.trainer.data.MappedTable;
import dev.quern.trainer.data.Table;
import dev.quern.trainer.plots.Quantity;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What pictures of a model show of its data.
 *
 * @param plane the rows along two features, if decisions are to be drawn over them
 * @param image the size of the rows as images, if they are any
 */
record Views(@Nullable FeaturePlane plane, @Nullable ImageSize image) {
  /** No picture. */
  static final Views NONE = new Views(null, null);

  /**
   * The columns of a file and which of them are features.
   *
   * @param columns all columns
   * @param label the one that is no feature, or -1
   * @param names a name for each column, or none
   * @param named whether they are fit to be shown
   * @param image the size of the rows as images, if the file tells it
   * @param error makes an exception that names the file
   */
  record Layout(
      int columns,
      int label,
      List<String> names,
      boolean named,
      @Nullable ImageSize image,
      Function<String, DataException> error) {
    /** Returns the columns of a table of features alone. */
    static Layout of(Table table) {
      return without(table, -1);
    }

    static Layout of(String source, MappedTable table) {
      return new Layout(
          table.columns(),
          -1,
          List.of(),
          false,
          table.image().orElse(null),
          problem -> new DataException(source + ": " + problem));
    }

    /** Returns the columns of a table one of which is a label. */
    static Layout without(Table table, int label) {
      return new Layout(
          table.columns(),
          label,
          table.names(),
          table.isNamed(),
          label < 0 ? table.image().orElse(null) : null,
          table::error);
    }

    int features() {
      return label < 0 ? columns : columns - 1;
    }

    /** Returns the place of a column among the features. */
    int feature(int column) {
      return label >= 0 && column > label ? column - 1 : column;
    }

    /** Returns what a feature is called, and its unit where that is known. */
    String name(int feature) {
      int column = label >= 0 && feature >= label ? feature + 1 : feature;
      return named ? Quantity.of(names.get(column)).toString() : "feature " + feature;
    }
  }
}
