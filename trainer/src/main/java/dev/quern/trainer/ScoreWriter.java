package dev.quern.trainer;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.trainer.ScoreCommand.Format;
import dev.quern.trainer.ScoreCommand.Scores;
import dev.quern.trainer.ScoreCommand.Values;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.ModelSpec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes what a model says, in the type it computes in: each number reads back as it was. */
final class ScoreWriter {
  private final Scores scores;
  private final int classes;
  private final boolean regression;
  private final boolean labels;
  private final boolean rawScores;
  private final boolean probabilities;

  ScoreWriter(ModelSpec spec, Values values, Scores scores) {
    this.scores = scores;
    this.classes = spec.classes();
    this.regression = spec.kind().task() == Task.REGRESSION;
    boolean all = values == Values.ALL && !regression;
    this.labels = all || values == Values.LABELS;
    this.rawScores = all || values == Values.SCORES;
    this.probabilities = all || values == Values.PROBABILITIES;
  }

  /** Writes all rows; the stream stays open. */
  void write(Format format, OutputStream out) throws IOException {
    if (format == Format.NPY) {
      Npy.write(out, array());
      return;
    }
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    if (format == Format.CSV) {
      writer.write(header() + "\n");
    }
    for (int row = 0; row < scores.rows(); row++) {
      writer.write((format == Format.CSV ? csv(row) : json(row)) + "\n");
    }
    writer.flush();
  }

  private String header() {
    if (regression) {
      return "prediction";
    }
    List<String> names = new ArrayList<>();
    if (labels) {
      names.add("label");
    }
    if (rawScores) {
      IntStream.range(0, scores.width())
          .forEach(k -> names.add(scores.width() == 1 ? "score" : "score_" + k));
    }
    if (probabilities) {
      IntStream.range(0, classes).forEach(k -> names.add("probability_" + k));
    }
    return String.join(",", names);
  }

  private String csv(int row) {
    if (regression) {
      return number(scores.score(row, 0));
    }
    List<String> cells = new ArrayList<>();
    if (labels) {
      cells.add(String.valueOf(scores.label(row)));
    }
    if (rawScores) {
      cells.add(join(scores.width(), k -> scores.score(row, k), false));
    }
    if (probabilities) {
      cells.add(join(classes, k -> scores.probability(row, k), false));
    }
    return String.join(",", cells);
  }

  private String json(int row) {
    if (regression) {
      return "{\"prediction\":" + join(1, k -> scores.score(row, k), true) + "}";
    }
    List<String> fields = new ArrayList<>();
    if (labels) {
      fields.add("\"label\":" + scores.label(row));
    }
    if (rawScores) {
      fields.add("\"scores\":[" + join(scores.width(), k -> scores.score(row, k), true) + "]");
    }
    if (probabilities) {
      fields.add(
          "\"probabilities\":[" + join(classes, k -> scores.probability(row, k), true) + "]");
    }
    return "{" + String.join(",", fields) + "}";
  }

  private String join(int n, IntToDoubleFunction value, boolean json) {
    return IntStream.range(0, n)
        .mapToDouble(value)
        // JSON has no NaN and no infinity.
        .mapToObj(x -> json && !Double.isFinite(x) ? "null" : number(x))
        .collect(Collectors.joining(","));
  }

  private String number(double value) {
    return scores.dtype() == DType.F32 ? Float.toString((float) value) : Double.toString(value);
  }

  private NpyArray array() {
    int rows = scores.rows();
    if (labels) {
      long[] out = IntStream.range(0, rows).mapToLong(scores::label).toArray();
      return new NpyArray(Shape.of(rows), DType.I64, out);
    }
    int width = probabilities ? classes : scores.width();
    double[] out = new double[rows * width];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          probabilities
              ? scores.probability(i / width, i % width)
              : scores.score(i / width, i % width);
    }
    Shape shape = regression ? Shape.of(rows) : Shape.of(rows, width);
    if (scores.dtype() == DType.F64) {
      return new NpyArray(shape, DType.F64, out);
    }
    float[] narrow = new float[out.length];
    for (int i = 0; i < out.length; i++) {
      narrow[i] = (float) out[i];
    }
    return new NpyArray(shape, DType.F32, narrow);
  }
}
