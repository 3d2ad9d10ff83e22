package dev.quern.trainer;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.nn.Linear;
import dev.quern.optim.Optimizer;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Split;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.Activation;
import dev.quern.trainer.learn.Batch;
import dev.quern.trainer.learn.Evaluation;
import dev.quern.trainer.learn.History;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.Training;
import dev.quern.trainer.plots.LossCurve;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Trains a model on files. */
@Command(
    name = "train",
    description = {
      "Train a model on files and test it.",
      "",
      "linear minimises J = 1/(2m) sum (f - y)^2, logistic the binary and softmax and mlp the"
          + " categorical cross-entropy, each as a mean over the rows, plus the penalty of --l2."
          + " Without a hidden layer the weights start at zero.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 when trained, 1 when training diverged or failed, 2 for unusable data or"
          + " options."
    })
final class TrainCommand implements Callable<Integer> {
  /** The models to choose from. */
  enum Kind {
    LINEAR(Task.REGRESSION),
    LOGISTIC(Task.BINARY),
    SOFTMAX(Task.CLASSES),
    MLP(Task.CLASSES);

    private final Task task;

    Kind(Task task) {
      this.task = task;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int MAX_CURVE_POINTS = 200;

  private final Console console;

  @Parameters(paramLabel = "MODEL", description = "linear, logistic, softmax or mlp.")
  private Kind kind = Kind.LINEAR;

  @Mixin private final DataOptions dataOptions = new DataOptions();

  @Option(
      names = "--batch",
      paramLabel = "full|N",
      converter = BatchSize.class,
      description = {
        "Rows per step, in a new random order each epoch, or full for one step with all rows an"
            + " epoch. By default 64 for mlp, else full."
      })
  private @Nullable Integer batch;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training rows; by default 20, with full batches 1000.")
  private @Nullable Integer epochs;

  @Mixin private final OptimizerOptions optimizerOptions = new OptimizerOptions();

  @Option(
      names = "--l2",
      paramLabel = "K",
      description = {
        "Add the penalty K/2 * sum w^2 over all weights, never biases, to the loss (default 0)."
      })
  private double l2;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      split = ",",
      description = "Widths of an mlp's hidden layers, such as 128 or 128,64 (default 128).")
  private @Nullable List<Integer> hidden;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      description = {
        "What follows an mlp's hidden layers: relu (default), tanh, sigmoid, leaky_relu, elu, selu,"
            + " gelu, silu or softplus."
      })
  private @Nullable Activation activation;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type to compute in: f32 (default) or f64.")
  private DType dtype = DType.F32;

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = {
        "Decides initial weights, the order of rows and --test-split (default 0): the same seed"
            + " gives the same bits."
      })
  private long seed;

  @Option(names = "--plot", paramLabel = "FILE", description = "Write the loss curve as PNG.")
  private @Nullable Path plot;

  @Option(
      names = "--json",
      description = {
        "Print one JSON object: model, device, epochs, finalLoss (loss and penalty on the training"
            + " rows after the last step), seconds, and testAccuracy, testCorrect, testRows or"
            + " testMse, testR2, testRows; for linear also weights and bias, of the features as"
            + " scaled."
      })
  private boolean json;

  TrainCommand(Console console) {
    this.console = console;
  }

  /** Reads {@code full} as 0. */
  static final class BatchSize implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      if (value.equals("full")) {
        return 0;
      }
      try {
        int n = Integer.parseInt(value);
        if (n > 0) {
          return n;
        }
      } catch (NumberFormatException e) {
        // Falls through to the message for every unusable value.
      }
      throw new TypeConversionException("'" + value + "' is neither full nor a positive number");
    }
  }

  @Override
  public Integer call() {
    int batchSize = batch != null ? batch : kind == Kind.MLP ? 64 : 0;
    int passes = epochs != null ? epochs : batchSize == 0 ? 1000 : 20;
    checkOptions(passes);
    Device device = deviceOption.select();
    Split split = dataOptions.load(kind.task, seed);
    console.note(
        "%s: %,d training rows, %,d test rows, %,d features on %s",
        kind, split.train().rows(), split.test().rows(), split.train().columns(), device);
    Scope scope = Scope.open();
    try (scope) {
      Model model = model(split);
      Optimizer optimizer = optimizerOptions.create(model.network().tensors());
      int every = plot == null ? 0 : Math.max(1, passes / MAX_CURVE_POINTS);
      Training training =
          new Training(
              model,
              optimizer,
              new Training.Settings(passes, batchSize, l2, seed, every),
              Batch.of(split.train(), kind.task, dtype),
              Batch.of(split.test(), kind.task, dtype));
      long start = System.nanoTime();
      History history;
      try (ProgressDisplay progress = new ProgressDisplay(console, passes, training.steps())) {
        history = training.run(progress);
      }
      double loss = training.objective();
      double seconds = (System.nanoTime() - start) / 1e9;
      JsonObject result = new JsonObject();
      result.addProperty("model", kind.toString());
      result.addProperty("device", device.id());
      result.addProperty("epochs", passes);
      result.addProperty("finalLoss", loss);
      result.addProperty("seconds", Math.round(seconds * 1000) / 1000.0);
      addTest(result, model, training.test());
      addParameters(result, model);
      report(result);
      if (plot != null) {
        LossCurve.write("quern train " + kind, history, plot);
        console.note("loss curve: %s", plot);
      }
    }
    return 0;
  }

  private void checkOptions(int passes) {
    if (passes < 1) {
      throw new DataException("--epochs must be at least 1: " + passes);
    }
    if (!(l2 >= 0 && l2 < Double.POSITIVE_INFINITY)) {
      throw new DataException("--l2 must be finite and not negative: " + l2);
    }
    if (!dtype.isFloat()) {
      throw new DataException("--dtype must be f32 or f64");
    }
    if (kind != Kind.MLP && (hidden != null || activation != null)) {
      throw new DataException("--hidden and --activation go with mlp, not with " + kind);
    }
    if (hidden != null && hidden.stream().anyMatch(width -> width < 1)) {
      throw new DataException("--hidden: widths must be positive: " + hidden);
    }
    Path folder = plot == null ? null : plot.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new DataException("--plot " + plot + ": there is no folder " + folder);
    }
    if (plot != null && Files.isDirectory(plot)) {
      throw new DataException("--plot " + plot + ": is a folder");
    }
  }

  private Model model(Split split) {
    int features = split.train().columns();
    return switch (kind) {
      case LINEAR -> Model.linear(features, dtype);
      case LOGISTIC -> Model.logistic(features, dtype);
      case SOFTMAX -> Model.softmax(features, split.classes(), dtype);
      case MLP ->
          Model.mlp(
              features,
              hidden == null ? List.of(128) : hidden,
              split.classes(),
              activation == null ? Activation.RELU : activation,
              seed,
              dtype);
    };
  }

  private void addTest(JsonObject result, Model model, Batch test) {
    if (test.rows() == 0) {
      return;
    }
    if (kind.task == Task.REGRESSION) {
      Evaluation.Fit fit = Evaluation.fit(model, test);
      result.addProperty("testMse", fit.meanSquaredError());
      result.addProperty("testR2", Double.isFinite(fit.r2()) ? fit.r2() : null);
    } else {
      long correct = Evaluation.correct(model, test);
      result.addProperty("testAccuracy", correct / (double) test.rows());
      result.addProperty("testCorrect", correct);
    }
    result.addProperty("testRows", test.rows());
  }

  private static void addParameters(JsonObject result, Model model) {
    if (model.task() == Task.REGRESSION && model.network().modules().get(0) instanceof Linear l) {
      JsonArray weights = new JsonArray();
      for (double w : l.weight().toDoubleArray()) {
        weights.add(w);
      }
      result.add("weights", weights);
      result.addProperty("bias", l.bias().item());
    }
  }

  private void report(JsonObject result) {
    if (json) {
      console.json(result);
      return;
    }
    console.say("device         %s", result.get("device").getAsString());
    console.say("epochs         %,d", result.get("epochs").getAsInt());
    console.say("final loss     %.6f", result.get("finalLoss").getAsDouble());
    if (result.has("testCorrect")) {
      console.say(
          "test accuracy  %.4f (%,d of %,d)",
          result.get("testAccuracy").getAsDouble(),
          result.get("testCorrect").getAsLong(),
          result.get("testRows").getAsLong());
    }
    if (result.has("testMse")) {
      console.say("test MSE       %.4f", result.get("testMse").getAsDouble());
      console.say("test R2        %s", result.get("testR2"));
    }
    if (result.has("weights")) {
      console.say("weights        %s", result.get("weights"));
      console.say("bias           %s", result.get("bias"));
    }
    console.say("time           %.2f s", result.get("seconds").getAsDouble());
  }
}
