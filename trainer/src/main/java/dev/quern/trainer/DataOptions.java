package dev.quern.trainer;

import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.data.Split;
import dev.quern.trainer.data.Table;
import dev.quern.trainer.data.TableReader;
import dev.quern.trainer.data.Task;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where data come from and how they are prepared. */
final class DataOptions {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = {
        "Features, one sample a row: text separated by comma, semicolon, tab or blanks; IDX; or"
            + " .npy. Plain or gzipped: the content decides, not the name."
      })
  private Path data = Path.of("");

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "Class of each row (0, 1, 2 ...) in a file of its own, in any of the formats.")
  private @Nullable Path labels;

  @Option(
      names = "--targets",
      paramLabel = "FILE",
      description = "Real target of each row in a file of its own, in any of the formats.")
  private @Nullable Path targets;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = {
        "Column of --data that holds the label or target: last, first, an index from 0 (negative"
            + " from the end), or a name from the first line, which is then no sample."
      })
  private @Nullable String label;

  @Option(names = "--skip-header", description = "The first line of each text file is no sample.")
  private boolean skipHeader;

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      description = {
        "Multiply every feature by this. IDX images of bytes are multiplied by 1/255 unless this,"
            + " --normalize or --standardize is given."
      })
  private @Nullable Double scale;

  @Option(
      names = "--normalize",
      description = "Map each feature's least and greatest training value to 0 and 1.")
  private boolean normalize;

  @Option(
      names = "--standardize",
      description = {
        "Give each feature mean 0 and population standard deviation 1 on the training rows; a"
            + " constant feature becomes 0."
      })
  private boolean standardize;

  @Option(
      names = "--test-last",
      paramLabel = "N",
      description = "Hold back the last N rows to test with.")
  private @Nullable Integer testLast;

  @Option(
      names = "--test-every",
      paramLabel = "K",
      description = "Hold back every K-th row: those with i %% K == K - 1, from i = 0.")
  private @Nullable Integer testEvery;

  @Option(
      names = "--test-split",
      paramLabel = "PART",
      description = "Hold back this part of the rows (0 to 1), chosen at random by --seed.")
  private @Nullable Double testSplit;

  /**
   * Reads, splits and scales the data.
   *
   * @throws DataException if the options contradict each other or the data cannot be used
   */
  Split load(Task task, long seed) {
    checkChoices(task);
    Integer column = columnIndex();
    boolean header = skipHeader || (label != null && column == null && !isEnd(label));
    Table table = TableReader.read(data, header);
    Samples samples;
    Path separate = task == Task.REGRESSION ? targets : labels;
    if (separate != null) {
      samples = Samples.join(table, TableReader.read(separate, skipHeader), task);
    } else {
      int index = column != null ? resolve(table, column) : named(table);
      samples = Samples.join(table.without(index), table.column(index), task);
    }
    return scaled(split(samples, seed), table.isPixels());
  }

  private void checkChoices(Task task) {
    boolean regression = task == Task.REGRESSION;
    if (regression && labels != null) {
      throw new DataException("--labels is for classes: this model takes --targets or --label");
    }
    if (!regression && targets != null) {
      throw new DataException(
          "--targets is for real numbers: this model takes --labels or --label");
    }
    boolean separate = labels != null || targets != null;
    String option = regression ? "--targets" : "--labels";
    if (separate && label != null) {
      throw new DataException("--label and " + option + " exclude each other");
    }
    if (!separate && label == null) {
      throw new DataException("the target is missing: give " + option + " FILE or --label COLUMN");
    }
    if (normalize && standardize) {
      throw new DataException("--normalize and --standardize exclude each other");
    }
    int splits =
        (testLast != null ? 1 : 0) + (testEvery != null ? 1 : 0) + (testSplit != null ? 1 : 0);
    if (splits > 1) {
      throw new DataException("--test-last, --test-every and --test-split exclude each other");
    }
    if (scale != null && (scale == 0 || !Double.isFinite(scale))) {
      throw new DataException("--scale needs a finite factor other than 0: " + scale);
    }
  }

  private static boolean isEnd(String label) {
    return label.equals("last") || label.equals("first");
  }

  private @Nullable Integer columnIndex() {
    if (label == null) {
      return null;
    }
    if (isEnd(label)) {
      return label.equals("last") ? -1 : 0;
    }
    try {
      return Integer.valueOf(label);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static int resolve(Table table, int index) {
    int n = table.columns();
    if (index < -n || index >= n) {
      throw table.error("--label " + index + ": the file has " + n + " columns");
    }
    return index < 0 ? index + n : index;
  }

  private int named(Table table) {
    int index = table.names().indexOf(label);
    if (index < 0) {
      throw table.error(
          "--label " + label + ": no such name in the first line: " + shown(table.names()));
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

  private Split split(Samples samples, long seed) {
    if (testLast != null) {
      return Split.last(samples, testLast);
    }
    if (testEvery != null) {
      return Split.every(samples, testEvery);
    }
    return testSplit != null ? Split.fraction(samples, testSplit, seed) : Split.none(samples);
  }

  private Split scaled(Split split, boolean pixels) {
    Double factor = scale;
    if (factor == null && pixels && !normalize && !standardize) {
      factor = 1.0 / 255;
    }
    Split out = split;
    if (factor != null) {
      out = Scaling.factor(out.train().columns(), factor).apply(out);
    }
    if (standardize) {
      out = Scaling.standard(out.train()).apply(out);
    }
    return normalize ? Scaling.range(out.train()).apply(out) : out;
  }
}
