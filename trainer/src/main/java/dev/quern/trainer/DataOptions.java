package dev.quern.trainer;

import dev.quern.DType;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.MappedTable;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.RowSplit;
import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.data.Table;
import dev.quern.trainer.data.TableReader;
import dev.quern.trainer.data.Targets;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.Batch;
import dev.quern.trainer.learn.Rows;
import dev.quern.trainer.learn.StreamedRows;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.CRC32;
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

  @Option(
      names = "--validation-split",
      paramLabel = "PART",
      description = {
        "Hold back this part of the remaining rows (0 to 1), chosen at random by --seed, to"
            + " validate with; see --patience."
      })
  private @Nullable Double validationSplit;

  @Option(
      names = "--stream",
      description = {
        "Leave --data, a plain .npy file in C order, on the disk and read rows as they are needed:"
            + " for data larger than memory. Needs --batch N, and labels or targets in a file of"
            + " their own. The result is the same, bit for bit."
      })
  private boolean stream;

  private @Nullable MappedTable mapped;

  /** Returns whether rows are held back to validate with. */
  boolean validates() {
    return validationSplit != null;
  }

  /** Returns whether the data stay on the disk. */
  boolean streams() {
    return stream;
  }

  /**
   * Reads, splits and scales the data.
   *
   * @param pictures what pictures of a classifier are to show
   * @throws DataException if the data cannot be used
   */
  Prepared load(Task task, long seed, DType dtype, PictureOptions pictures) {
    Column column = label == null ? null : new Column("--label", label);
    boolean header = skipHeader || (column != null && column.isName()) || pictures.namesColumns();
    Path separate = task == Task.REGRESSION ? targets : labels;
    RowSource features;
    Table wanted;
    boolean pixels = false;
    Views.Layout layout;
    if (stream) {
      MappedTable table = MappedTable.open(data);
      mapped = table;
      features = table;
      layout = Views.Layout.of(data.toString(), table);
      wanted = TableReader.read(Objects.requireNonNull(separate), skipHeader);
    } else {
      Table table = TableReader.read(data, header);
      pixels = table.isPixels();
      if (separate != null) {
        features = table;
        layout = Views.Layout.of(table);
        wanted = TableReader.read(separate, skipHeader);
      } else {
        int index = Objects.requireNonNull(column).in(table);
        features = table.without(index);
        wanted = table.column(index);
        layout = Views.Layout.without(table, index);
      }
    }
    double[] y = Targets.of(features.rows(), wanted, task);
    if (task != Task.CLASSES && dtype == DType.F32) {
      requireF32(y, wanted);
    }
    RowSplit split = split(y.length, seed);
    List<Scaling> scaling = new ArrayList<>();
    RowSource scaled = features;
    Double factor = scale;
    if (factor == null && pixels && !normalize && !standardize) {
      factor = 1.0 / 255;
    }
    if (factor != null) {
      scaling.add(Scaling.factor(features.columns(), factor));
      scaled = scaling.get(0).apply(scaled);
    }
    if (standardize || normalize) {
      Scaling last =
          standardize
              ? Scaling.standard(scaled, split.train())
              : Scaling.range(scaled, split.train());
      scaling.add(last);
      scaled = last.apply(scaled);
    }
    int classes = task == Task.REGRESSION ? 0 : task == Task.BINARY ? 2 : classes(y);
    Views views = pictures.views(layout, features, y, classes, split.train());
    return new Prepared(
        features.columns(),
        classes,
        scaling,
        rows(scaled, y, task, dtype, split.train()),
        rows(scaled, y, task, dtype, split.validation()),
        rows(scaled, y, task, dtype, split.test()),
        checksum(scaled, y, split.train()),
        views);
  }

  /** Lets go of data on the disk. */
  void close() {
    if (mapped != null) {
      mapped.close();
    }
  }

  private Rows rows(RowSource source, double[] y, Task task, DType dtype, int[] which) {
    return stream
        ? new StreamedRows(source, y, task, dtype, which)
        : Batch.of(source, y, task, dtype, which);
  }

  private static int classes(double[] y) {
    return 1 + (int) Arrays.stream(y).max().orElse(0);
  }

  private static void requireF32(double[] y, Table wanted) {
    for (int row = 0; row < y.length; row++) {
      if (Float.isInfinite((float) y[row])) {
        throw wanted.error(row, 0, y[row] + " is beyond the range of f32: use --dtype f64");
      }
    }
  }

  /** Returns a checksum of up to 1024 training rows and their targets, as they are scaled. */
  private static String checksum(RowSource source, double[] y, int[] train) {
    CRC32 crc = new CRC32();
    int columns = source.columns();
    double[] row = new double[columns + 1];
    ByteBuffer bytes = ByteBuffer.allocate(8 * row.length);
    int n = Math.min(train.length, 1024);
    for (int i = 0; i < n; i++) {
      int at = train[(int) ((long) i * train.length / n)];
      source.read(at, row, 0);
      row[columns] = y[at];
      bytes.clear();
      bytes.asDoubleBuffer().put(row);
      crc.update(bytes);
    }
    return String.format(Locale.ROOT, "%d x %d, %08x", train.length, columns, crc.getValue());
  }

  /**
   * Checks that the options do not contradict each other.
   *
   * @throws DataException if they do
   */
  void check(Task task) {
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
    if (stream && !separate) {
      throw new DataException("--stream needs " + option + " FILE, not --label");
    }
  }

  private RowSplit split(int rows, long seed) {
    RowSplit split;
    if (testLast != null) {
      split = RowSplit.last(rows, testLast);
    } else if (testEvery != null) {
      split = RowSplit.every(rows, testEvery);
    } else {
      split = testSplit != null ? RowSplit.fraction(rows, testSplit, seed) : RowSplit.none(rows);
    }
    return validationSplit == null ? split : split.withValidation(validationSplit, seed);
  }
}
