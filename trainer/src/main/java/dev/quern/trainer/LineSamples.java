package dev.quern.trainer;

import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Table;
import dev.quern.trainer.data.TableReader;
import dev.quern.trainer.plots.Quantity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One feature and one target of each sample, and what they measure. */
record LineSamples(Quantity feature, Quantity target, double[] x, double[] y) {
  /** Returns made-up houses. */
  static LineSamples example() {
    return new LineSamples(
        new Quantity("size", "100 m\u00b2"),
        new Quantity("price", "1000 EUR"),
        new double[] {0.48, 0.62, 0.75, 0.84, 0.95, 1.1, 1.24, 1.3, 1.52, 1.66, 1.85, 2.1},
        new double[] {152, 171, 214, 208, 246, 262, 301, 296, 352, 361, 418, 455});
  }

  /**
   * Reads two columns of a file: by default both of its two.
   *
   * @throws DataException if they cannot be used
   */
  static LineSamples read(
      Path file, @Nullable Column feature, @Nullable Column target, boolean skipHeader) {
    boolean header =
        skipHeader || (feature != null && feature.isName()) || (target != null && target.isName());
    Table table = TableReader.read(file, header);
    if (table.columns() != 2 && (feature == null || target == null)) {
      throw table.error(
          table.columns() + " columns: choose with --feature COLUMN and --target COLUMN");
    }
    int x = feature != null ? feature.in(table) : target == null || target.in(table) == 1 ? 0 : 1;
    int y = target != null ? target.in(table) : 1 - x;
    if (x == y) {
      throw table.error("the feature and the target are the same column");
    }
    return new LineSamples(
        quantity(table, x, "x"), quantity(table, y, "y"), values(table, x), values(table, y));
  }

  private static Quantity quantity(Table table, int column, String otherwise) {
    return Quantity.of(table.isNamed() ? table.names().get(column) : otherwise);
  }

  private static double[] values(Table table, int column) {
    double[] values = new double[table.rows()];
    for (int row = 0; row < values.length; row++) {
      values[row] = table.at(row, column);
    }
    return values;
  }

  /** Returns the samples with the feature shifted to mean 0 and scaled to standard deviation 1. */
  LineSamples standardized() {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double deviation = Math.sqrt(variance);
    if (!(deviation > 0)) {
      return this;
    }
    double[] scaled = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = (x[i] - mean) / deviation;
    }
    return new LineSamples(new Quantity(feature.name(), "standard deviation"), target, scaled, y);
  }
}
