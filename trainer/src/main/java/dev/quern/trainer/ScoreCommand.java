package dev.quern.trainer;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.io.AtomicFile;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.data.Table;
import dev.quern.trainer.data.TableReader;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.Batch;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.ModelSpec;
import dev.quern.trainer.learn.SavedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Applies a saved model to data. */
@Command(
    name = "score",
    description = {
      "Apply a model that 'quern train --save' wrote to new data.",
      "",
      "A classifier gives each row a label, the scores of the classes (logits; a logistic"
          + " regression has one, of class 1) and their probabilities; a regression gives a"
          + " prediction. The data are prepared as those it was trained on.",
      ""
    },
    footer = {"", "Exit status: 0 when done, 2 for unusable data or options."})
final class ScoreCommand implements Callable<Integer> {
  /** How to write. */
  enum Format {
    CSV,
    JSONL,
    NPY
  }

  /** What to write. */
  enum Values {
    ALL,
    LABELS,
    SCORES,
    PROBABILITIES
  }

  private static final int PIECE = 8192;

  private final Console console;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "A model that 'quern train --save' wrote.")
  private Path modelFile = Path.of("");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = {
        "One sample a row: text separated by comma, semicolon, tab or blanks; IDX; or .npy. Plain"
            + " or gzipped: the content decides, not the name."
      })
  private Path data = Path.of("");

  @Option(names = "--skip-header", description = "The first line of a text file is no sample.")
  private boolean skipHeader;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = {
        "Column of --data that is no feature: last, first, an index from 0 (negative from the"
            + " end) or a name in the first line. Its labels or targets are compared with the"
            + " model's."
      })
  private @Nullable String label;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = {
        "csv (default), jsonl (one JSON object a line), or npy (one array; needs --out and, for a"
            + " classifier, --values)."
      })
  private Format format = Format.CSV;

  @Option(
      names = "--values",
      paramLabel = "WHAT",
      description = "all (default), labels, scores or probabilities of a classifier.")
  private Values values = Values.ALL;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write; by default standard output.")
  private @Nullable Path out;

  @Option(
      names = "--plot",
      paramLabel = "FOLDER",
      description = {
        "Draw what the model has learned into a folder: of a classifier of two features (see"
            + " --plane) boundary.png, what it predicts where, with the rows of --data, by class"
            + " with --label; of a model of images (see --image) weights.png."
      })
  private @Nullable Path plot;

  @Mixin private final PictureOptions pictureOptions = new PictureOptions();

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  ScoreCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (format == Format.NPY && out == null) {
      throw new DataException("--format npy needs --out FILE");
    }
    if (out != null && Files.isDirectory(out)) {
      throw new DataException("--out " + out + ": is a folder");
    }
    SavedModel saved = SavedModel.read(modelFile);
    ModelSpec spec = saved.spec();
    boolean regression = spec.kind().task() == Task.REGRESSION;
    if (regression && values != Values.ALL) {
      throw new DataException("--values: a regression has predictions alone");
    }
    if (format == Format.NPY && !regression && values == Values.ALL) {
      throw new DataException("--format npy needs --values labels, scores or probabilities");
    }
    if (plot != null && plot.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new DataException("--plot " + plot + ": name a folder for the pictures");
    }
    pictureOptions.check(plot, spec.kind());
    deviceOption.select();
    Column labels = label == null ? null : new Column("--label", label);
    boolean hasNames = pictureOptions.namesColumns() || (labels != null && labels.isName());
    Table table = TableReader.read(data, skipHeader || hasNames);
    RowSource features = table;
    Table wanted = null;
    Views.Layout layout = Views.Layout.of(table);
    if (labels != null) {
      int column = labels.in(table);
      features = table.without(column);
      wanted = table.column(column);
      layout = Views.Layout.without(table, column);
    }
    if (features.columns() != spec.features()) {
      String hint =
          label == null && features.columns() == spec.features() + 1
              ? " (is one of them a label? --label COLUMN leaves it out)"
              : "";
      throw table.error(
          features.columns() + " features, but the model takes " + spec.features() + hint);
    }
    Views views = views(spec, layout, features, wanted);
    for (Scaling scaling : saved.preprocessing()) {
      features = scaling.apply(features);
    }
    Scores scores = score(saved, features);
    ScoreWriter writer = new ScoreWriter(spec, values, scores);
    Path file = out;
    if (file == null) {
      try {
        writer.write(format, console.out());
        console.out().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      AtomicFile.write(file, stream -> writer.write(format, stream));
    }
    if (wanted != null) {
      compare(scores, wanted, regression);
    }
    if (plot != null) {
      draw(saved, views);
    }
    return 0;
  }

  private Views views(
      ModelSpec spec, Views.Layout layout, RowSource features, @Nullable Table wanted) {
    if (plot == null) {
      return Views.NONE;
    }
    double[] labels = {};
    if (wanted != null && spec.classes() > 0) {
      labels = new double[wanted.rows()];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = wanted.at(row, 0);
        if (labels[row] != Math.rint(labels[row])
            || labels[row] < 0
            || labels[row] >= spec.classes()) {
          throw wanted.error(
              row,
              "label " + labels[row] + " is none of the model's " + spec.classes() + " classes");
        }
      }
    }
    int[] rows = IntStream.range(0, features.rows()).toArray();
    Views views = pictureOptions.views(layout, features, labels, spec.classes(), rows);
    if (views.equals(Views.NONE)) {
      throw new DataException(
          "--plot "
              + plot
              + ": there is nothing to draw of "
              + spec.features()
              + " features without --plane X,Y or --image WIDTHxHEIGHT");
    }
    return views;
  }

  private void draw(SavedModel saved, Views views) {
    Scope scope = Scope.open();
    try (scope) {
      String rows = "rows of " + data.getFileName();
      for (Path file :
          pictureOptions.draw(
              saved.spec().kind(), saved.model(), saved.preprocessing(), views, rows)) {
        console.note("picture: %s", file);
      }
    }
  }

  /** Computes scores in pieces, so that large data need little memory on the device. */
  private static Scores score(SavedModel saved, RowSource features) {
    ModelSpec spec = saved.spec();
    Scope scope = Scope.open();
    try (scope) {
      Model model = saved.model();
      Scores scores = new Scores(spec, features.rows());
      double[] targets = new double[features.rows()];
      for (int start = 0; start < features.rows(); start += PIECE) {
        int from = start;
        int to = Math.min(start + PIECE, features.rows());
        Tensor.noGrad(
            () -> {
              Scope piece = Scope.open();
              try (piece) {
                int[] rows = IntStream.range(from, to).toArray();
                Tensor x =
                    Batch.of(features, targets, Task.REGRESSION, spec.dtype(), rows).features();
                scores.put(from, model.network().forward(x));
              }
            });
      }
      return scores;
    }
  }

  private void compare(Scores scores, Table wanted, boolean regression) {
    int rows = wanted.rows();
    if (regression) {
      double sum = 0;
      for (int row = 0; row < rows; row++) {
        double d = scores.score(row, 0) - wanted.at(row, 0);
        sum += d * d;
      }
      console.note("MSE %.6f of %,d rows", sum / rows, rows);
      return;
    }
    int correct = 0;
    for (int row = 0; row < rows; row++) {
      correct += scores.label(row) == wanted.at(row, 0) ? 1 : 0;
    }
    console.note("accuracy %.4f (%,d of %,d)", correct / (double) rows, correct, rows);
  }

  /** What a model says about each row. */
  static final class Scores {
    private final boolean binary;
    private final DType dtype;
    private final int rows;
    private final int width;
    private final int classes;
    private final double[] scores;
    private final double[] probabilities;

    Scores(ModelSpec spec, int rows) {
      this.binary = spec.kind().task() == Task.BINARY;
      this.dtype = spec.dtype();
      this.rows = rows;
      this.classes = spec.classes();
      this.width = spec.kind().task() == Task.CLASSES ? classes : 1;
      this.scores = new double[Math.multiplyExact(rows, width)];
      this.probabilities = new double[Math.multiplyExact(rows, classes)];
    }

    private void put(int from, Tensor piece) {
      double[] s = piece.toDoubleArray();
      System.arraycopy(s, 0, scores, from * width, s.length);
      if (binary) {
        Tensor one = piece.sigmoid();
        // 1 - sigmoid(x) would lose all digits of small probabilities.
        Tensor both = Tensor.concat(1, piece.neg().sigmoid(), one);
        double[] p = both.toDoubleArray();
        System.arraycopy(p, 0, probabilities, from * classes, p.length);
      } else if (classes > 0) {
        double[] p = piece.softmax(1).toDoubleArray();
        System.arraycopy(p, 0, probabilities, from * classes, p.length);
      }
    }

    DType dtype() {
      return dtype;
    }

    int rows() {
      return rows;
    }

    /** Returns the number of scores of a row. */
    int width() {
      return width;
    }

    double score(int row, int k) {
      return scores[row * width + k];
    }

    double probability(int row, int k) {
      return probabilities[row * classes + k];
    }

    /** Returns the class with the highest score, of several the first. */
    int label(int row) {
      if (binary) {
        return score(row, 0) > 0 ? 1 : 0;
      }
      int best = 0;
      for (int k = 1; k < width; k++) {
        best = score(row, k) > score(row, best) ? k : best;
      }
      return best;
    }
  }
}
