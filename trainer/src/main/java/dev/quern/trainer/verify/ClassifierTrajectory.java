package dev.quern.trainer.verify;

import dev.quern.Scope;
import dev.quern.Shape;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Optimizer;
import dev.quern.trainer.verify.GoldenCases.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A classifier of dense layers under the softmax cross-entropy, compared along a training run. */
final class ClassifierTrajectory {
  private final JsonFields fields;
  private final @Nullable JsonFields run;
  private final Precision precision;
  private final Comparison comparison = new Comparison();

  private ClassifierTrajectory(JsonFields fields, @Nullable JsonFields run, Precision precision) {
    this.fields = fields;
    this.run = run;
    this.precision = precision;
  }

  static List<VerifyCase> cases(JsonFields fields) {
    List<VerifyCase> out = new ArrayList<>();
    List<JsonFields> runs = fields.objects("runs");
    for (Precision precision : Precision.ALL) {
      String name = GoldenCases.name(fields) + " " + precision.key();
      for (JsonFields run : runs) {
        if (run.has(precision.key())) {
          String optimizer = run.text("optimizer", "sgd");
          String tag = run.text("tag", "");
          out.add(
              new VerifyCase(
                  name + " " + optimizer + (tag.isEmpty() ? "" : " " + tag),
                  optimizer,
                  GoldenCases.FAMILY,
                  () -> new ClassifierTrajectory(fields, run, precision).compare()));
        }
      }
      if (runs.isEmpty() && fields.objectOrEmpty("first_step").has(precision.key())) {
        out.add(
            new VerifyCase(
                name + " first step",
                "backward",
                GoldenCases.FAMILY,
                () -> new ClassifierTrajectory(fields, null, precision).compare()));
      }
    }
    return out;
  }

  private Comparison compare() {
    int[] layers = layers();
    Tensor x = GoldenCases.tensor(fields, "X", precision.dtype());
    Tensor y = labels("y", fields.path("y"));
    if (x.rank() != 2 || x.dim(1) != layers[0] || y.rank() != 1 || y.dim(0) != x.dim(0)) {
      throw fields.error(
          "X",
          "has shape " + x.shape() + ", which does not fit y " + y.shape() + " and the layers");
    }
    int all = Math.toIntExact(x.dim(0));
    int rows = fields.has("rows_used") ? fields.integer("rows_used", 1, all) : all;
    int batch = fields.has("batch") ? fields.integer("batch", 1, rows) : rows;
    double l2 = fields.number("l2", 0);

    List<Tensor> parameters = new ArrayList<>();
    List<String> names = new ArrayList<>();
    Module model = model(layers, parameters, names);
    JsonFields first = fields.objectOrEmpty("first_step").objectOrEmpty(precision.key());
    if (run == null) {
      forwardBackward(model, x.slice(0, 0, batch), y.slice(0, 0, batch), l2, first);
      checkGradients(first, parameters, names);
      return comparison;
    }
    int steps = run.integer("steps", 1, GoldenCases.MAX_STEPS);
    JsonFields expected = run.object(precision.key());
    double[] wantLosses = GoldenCases.array(expected, "loss_before_each_step", Shape.of(steps));
    Optimizer optimizer = GoldenCases.optimizer(run, parameters);
    double[] losses = new double[steps];
    for (int step = 0; step < steps; step++) {
      long start = (long) batch * (step % (rows / batch));
      Scope scope = Scope.open();
      try (scope) {
        Tensor rowsOfStep = x.slice(0, start, start + batch);
        Tensor labelsOfStep = y.slice(0, start, start + batch);
        optimizer.zeroGrad();
        losses[step] =
            forwardBackward(model, rowsOfStep, labelsOfStep, l2, step == 0 ? first : null);
        if (step == 0) {
          checkGradients(first, parameters, names);
        }
        optimizer.step();
      }
    }
    comparison.scaled("loss before each step", losses, wantLosses, precision.bar());
    JsonFields last = expected.object("final");
    for (int i = 0; i < names.size(); i++) {
      check("final " + names.get(i), last, names.get(i), parameters.get(i));
    }
    checkEnd(expected, model, x.slice(0, 0, batch), y.slice(0, 0, batch), l2);
    return comparison;
  }

  private int[] layers() {
    long[] widths = fields.integers("layers");
    if (widths.length < 2) {
      throw fields.error("layers", "must name at least an input and an output");
    }
    int[] out = new int[widths.length];
    for (int i = 0; i < out.length; i++) {
      if (widths[i] < 1 || widths[i] > Integer.MAX_VALUE) {
        throw fields.error("layers", "has a width out of range: " + widths[i]);
      }
      out[i] = (int) widths[i];
    }
    return out;
  }

  private Tensor labels(String name, Path path) {
    NpyArray labels = Npy.read(path);
    if (!labels.dtype().isInteger()) {
      throw fields.error(name, "must name an array of integers, not " + labels.dtype());
    }
    return labels.tensor();
  }

  private Module model(int[] layers, List<Tensor> parameters, List<String> names) {
    JsonFields init = fields.objectOrEmpty("init");
    UnaryOperator<Tensor> activation = activation();
    List<Module> modules = new ArrayList<>();
    for (int i = 1; i < layers.length; i++) {
      Linear layer =
          new Linear(
              GoldenCases.parameter(init, "W" + i, precision.dtype(), layers[i - 1], layers[i]),
              GoldenCases.parameter(init, "b" + i, precision.dtype(), layers[i]));
      modules.add(layer);
      parameters.addAll(layer.tensors());
      names.addAll(List.of("W" + i, "b" + i));
      if (i < layers.length - 1) {
        modules.add(Module.of(activation));
      }
    }
    return new Sequential(modules);
  }

  private UnaryOperator<Tensor> activation() {
    String name = fields.text("activation", "none");
    double slope = fields.number("negative_slope", 0.01);
    return switch (name) {
      case "none" -> x -> x;
      case "relu" -> Tensor::relu;
      case "tanh" -> Tensor::tanh;
      case "sigmoid" -> Tensor::sigmoid;
      case "leaky_relu" -> x -> x.leakyRelu(slope);
      default -> throw new UnsupportedCaseException("activation " + name + " is not supported");
    };
  }

  private static Tensor loss(Module model, Tensor logits, Tensor y, double l2) {
    Tensor loss = Losses.crossEntropy(logits, y);
    return l2 == 0 ? loss : loss.add(Losses.l2(l2 / 2, model.weights()));
  }

  /** Walks back from the loss, compares the first step's values, and returns the loss. */
  private double forwardBackward(
      Module model, Tensor x, Tensor y, double l2, @Nullable JsonFields first) {
    Tensor logits = model.forward(x);
    Tensor loss = loss(model, logits, y, l2);
    loss.backward();
    double value = loss.item();
    if (first != null && first.has("logits")) {
      check("logits", first, "logits", logits);
    }
    if (first != null && first.has("loss")) {
      check("first loss", value, first.number("loss"));
    }
    return value;
  }

  private void checkGradients(JsonFields first, List<Tensor> parameters, List<String> names) {
    JsonFields gradients = first.objectOrEmpty("grad");
    for (int i = 0; i < names.size(); i++) {
      if (gradients.has(names.get(i))) {
        Tensor gradient = parameters.get(i).grad().orElseThrow();
        check("gradient of " + names.get(i), gradients, names.get(i), gradient);
      }
    }
  }

  private void checkEnd(JsonFields expected, Module model, Tensor x, Tensor y, double l2) {
    if (expected.has("loss_after_last_step_on_batch_0")) {
      double after = Tensor.noGrad(() -> loss(model, model.forward(x), y, l2).item());
      check("last loss", after, expected.number("loss_after_last_step_on_batch_0"));
    }
    Path testX = testFile("X");
    Path testY = testFile("y");
    if (expected.has("test_correct") && testX != null && testY != null) {
      Tensor rows = Npy.readTensor(testX).cast(precision.dtype());
      Tensor labels = labels("y", testY);
      Tensor guesses = Tensor.noGrad(() -> model.forward(rows).argmax(1));
      long correct = guesses.eq(labels).sum().itemLong();
      long want = expected.integer("test_correct");
      if (correct != want) {
        comparison.fail("test rows right: got " + correct + ", wanted " + want);
      }
    }
  }

  /** Returns the test rows' file: one named so, or the training rows' neighbour. */
  private @Nullable Path testFile(String name) {
    if (fields.has(name + "_test")) {
      return fields.path(name + "_test");
    }
    Path train = fields.path(name);
    String neighbour = String.valueOf(train.getFileName()).replace("_train", "_test");
    Path test = train.resolveSibling(neighbour);
    return !test.equals(train) && Files.exists(test) ? test : null;
  }

  private void check(String what, double got, double want) {
    comparison.scaled(what, new double[] {got}, new double[] {want}, precision.bar());
  }

  private void check(String what, JsonFields expected, String name, Tensor got) {
    double[] want = GoldenCases.array(expected, name, got.shape());
    comparison.scaled(what, got.toDoubleArray(), want, precision.bar());
  }
}
