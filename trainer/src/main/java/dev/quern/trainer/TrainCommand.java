package dev.quern.trainer;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.optim.Optimizer;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.learn.Activation;
import dev.quern.trainer.learn.Checkpoints;
import dev.quern.trainer.learn.History;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.ModelKind;
import dev.quern.trainer.learn.ModelSpec;
import dev.quern.trainer.learn.SavedModel;
import dev.quern.trainer.learn.Training;
import dev.quern.trainer.learn.TrainingState;
import dev.quern.trainer.plots.LossCurve;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  private static final int MAX_CURVE_POINTS = 200;
  private static final int FULL_BATCH_STEPS = 100;

  private final Console console;

  @Parameters(paramLabel = "MODEL", description = "linear, logistic, softmax or mlp.")
  private ModelKind kind = ModelKind.LINEAR;

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

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = {
        "Stop when the loss of the rows of --validation-split has not fallen for N epochs, and go"
            + " back to the parameters with the lowest."
      })
  private @Nullable Integer patience;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the trained model as safetensors, for 'quern score'.")
  private @Nullable Path save;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = {
        "Write the state of training now and then and at the end. The file is always complete,"
            + " whenever the program is stopped."
      })
  private @Nullable Path checkpoint;

  @Option(
      names = "--every",
      paramLabel = "N",
      description = {
        "Steps from one checkpoint to the next; by default an epoch, with full batches 100 steps."
      })
  private @Nullable Long every;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description = {
        "Go on from a checkpoint, with the data and options it was made with; only --epochs may"
            + " change. On the same device the result is the same, bit for bit, as without a stop."
      })
  private @Nullable Path resume;

  @Option(
      names = "--plot",
      paramLabel = "FILE.png|FOLDER",
      description = {
        "Draw the loss curve into a file whose name ends in .png, or every picture there is into a"
            + " folder: loss.png; of a classifier of two features (see --plane) boundary.png, what"
            + " it predicts where, with the training rows; of a model of images (see --image)"
            + " weights.png, the weights of each class, or of an mlp's first layer, as images."
      })
  private @Nullable Path plot;

  @Mixin private final PictureOptions pictureOptions = new PictureOptions();

  @Option(
      names = "--json",
      description = {
        "Print one JSON object: model, device, epochs, finalLoss (loss and penalty on the training"
            + " rows at the end), seconds; testAccuracy, testCorrect, testRows, confusion (a row for"
            + " each true class) and perClass (class, rows, precision, recall; null where there is"
            + " nothing to divide by) or testMse, testR2, testRows; with --validation-split"
            + " validationLoss, validationRows and, with --patience, bestEpoch; for linear also"
            + " weights and bias, of the features as scaled."
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
    int batchSize = batch != null ? batch : kind == ModelKind.MLP ? 64 : 0;
    int passes = epochs != null ? epochs : batchSize == 0 ? 1000 : 20;
    checkOptions(passes, batchSize);
    Device device = deviceOption.select();
    Scope scope = Scope.open();
    try (scope) {
      Prepared data = dataOptions.load(kind.task(), seed, dtype, pictureOptions);
      console.note(
          "%s: %s, %s, %s on %s",
          kind,
          count(data.train().rows(), "training row"),
          count(data.test().rows(), "test row"),
          count(data.features(), "feature"),
          device);
      ModelSpec spec = spec(data);
      Model model = spec.create(seed);
      Optimizer optimizer = optimizerOptions.create(model.network().tensors());
      int measureEvery = plot == null ? 0 : Math.max(1, passes / MAX_CURVE_POINTS);
      Training training =
          new Training(
              model,
              optimizer,
              new Training.Settings(
                  passes, batchSize, l2, seed, measureEvery, patience == null ? 0 : patience),
              data.train(),
              data.validation(),
              data.test());
      Map<String, String> options = options(spec, batchSize, data);
      if (resume != null) {
        training.resume(TrainingState.read(resume, options));
        if (training.epochs() > passes) {
          throw new DataException(
              "--epochs " + passes + ": " + resume + " has finished " + training.epochs());
        }
        console.note("resumed after epoch %,d of %,d", training.epochs(), passes);
      }
      long start = System.nanoTime();
      History history;
      try (ProgressDisplay progress = new ProgressDisplay(console, passes, training.steps())) {
        history = training.run(progress, checkpoints(training, options));
      }
      double loss = training.objective();
      double seconds = (System.nanoTime() - start) / 1e9;
      TrainReport report = new TrainReport(spec, device, training.epochs(), loss, seconds);
      report.addValidation(model, data.validation(), training.bestEpoch());
      report.addTest(model, data.test());
      report.addParameters(model);
      if (save != null) {
        SavedModel.of(spec, data.scaling(), model).write(save);
        console.note("model: %s", save);
      }
      report.print(console, json);
      draw(model, data, history);
    } finally {
      dataOptions.close();
    }
    return 0;
  }

  private static String count(long n, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", n, what, n == 1 ? "" : "s");
  }

  private void draw(Model model, Prepared data, History history) {
    Path curve = plot;
    if (curve == null) {
      return;
    }
    if (!isPicture(curve)) {
      new OutputFolder("--plot", curve).create();
      curve = curve.resolve("loss.png");
    }
    if (history.points().isEmpty()) {
      console.note("no loss curve: no epoch was left to train");
    } else {
      LossCurve.write("quern train " + kind, history, curve);
      console.note("loss curve: %s", curve);
    }
    for (Path file :
        pictureOptions.draw(kind, model, data.scaling(), data.views(), "training rows")) {
      console.note("picture: %s", file);
    }
  }

  private static boolean isPicture(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".png");
  }

  private Checkpoints checkpoints(Training training, Map<String, String> options) {
    Path file = checkpoint;
    if (file == null) {
      return Checkpoints.NONE;
    }
    long perEpoch = training.stepsPerEpoch();
    long interval = every != null ? every : perEpoch == 1 ? FULL_BATCH_STEPS : perEpoch;
    return new Checkpoints() {
      @Override
      public boolean isDue(long steps) {
        return steps % interval == 0;
      }

      @Override
      public void save(TrainingState state) {
        state.write(file, options);
      }
    };
  }

  /** Returns what the bits of a run depend on. */
  private Map<String, String> options(ModelSpec spec, int batchSize, Prepared data) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("MODEL", kind.toString());
    options.put("--hidden", spec.hidden().toString());
    options.put("--activation", EnumNames.of(spec.activation()));
    options.put("--dtype", EnumNames.of(dtype));
    options.put("--batch", batchSize == 0 ? "full" : String.valueOf(batchSize));
    options.put("--l2", String.valueOf(l2));
    options.put("--seed", String.valueOf(seed));
    options.put("--patience", patience == null ? "none" : String.valueOf(patience));
    optimizerOptions.describe(options);
    options.put("classes", String.valueOf(data.classes()));
    options.put("training data", data.checksum());
    return options;
  }

  private void checkOptions(int passes, int batchSize) {
    dataOptions.check(kind.task());
    optimizerOptions.check();
    if (passes < 1) {
      throw new DataException("--epochs must be at least 1: " + passes);
    }
    if (!(l2 >= 0 && l2 < Double.POSITIVE_INFINITY)) {
      throw new DataException("--l2 must be finite and not negative: " + l2);
    }
    if (!dtype.isFloat() || dtype.isHalf()) {
      throw new DataException("--dtype must be f32 or f64");
    }
    if (kind != ModelKind.MLP && (hidden != null || activation != null)) {
      throw new DataException("--hidden and --activation go with mlp, not with " + kind);
    }
    if (hidden != null && hidden.stream().anyMatch(width -> width < 1)) {
      throw new DataException("--hidden: widths must be positive: " + hidden);
    }
    if (dataOptions.streams() && batchSize == 0) {
      throw new DataException("--stream needs --batch N");
    }
    if (patience != null && (patience < 1 || !dataOptions.validates())) {
      throw new DataException(
          patience < 1
              ? "--patience must be at least 1: " + patience
              : "--patience needs --validation-split PART");
    }
    if (every != null && (every < 1 || checkpoint == null)) {
      throw new DataException(
          every < 1 ? "--every must be at least 1: " + every : "--every needs --checkpoint FILE");
    }
    if (save != null && save.equals(checkpoint)) {
      throw new DataException("--save and --checkpoint name the same file: " + save);
    }
    boolean file = plot != null && isPicture(plot);
    requireWritable("--plot", file ? plot : null);
    pictureOptions.check(file ? null : plot, kind);
    requireWritable("--save", save);
    requireWritable("--checkpoint", checkpoint);
  }

  /** Finds out before training what would lose its result after it. */
  private static void requireWritable(String option, @Nullable Path file) {
    Path folder = file == null ? null : file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new DataException(option + " " + file + ": there is no folder " + folder);
    }
    if (folder != null && !Files.isWritable(folder)) {
      throw new DataException(option + " " + file + ": " + folder + " cannot be written");
    }
    if (file != null && Files.isDirectory(file)) {
      throw new DataException(option + " " + file + ": is a folder");
    }
  }

  private ModelSpec spec(Prepared data) {
    boolean mlp = kind == ModelKind.MLP;
    return new ModelSpec(
        kind,
        data.features(),
        data.classes(),
        mlp ? hidden == null ? List.of(128) : hidden : List.of(),
        activation == null ? Activation.RELU : activation,
        dtype);
  }
}
