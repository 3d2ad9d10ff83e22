package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@code golden.json}: training runs with every value that a correct implementation must reach on
 * the way. Each run is a case in F64 and one in F32.
 */
final class GoldenCases {
  static final String FAMILY = "training";
  static final int MAX_STEPS = 10_000_000;

  /**
   * A type to train in.
   *
   * @param key what the file calls it
   * @param bar the largest difference allowed, scaled as in {@link Comparison#scaled}
   */
  record Precision(DType dtype, String key, double bar) {
    static final List<Precision> ALL =
        List.of(new Precision(DType.F64, "f64", 1e-10), new Precision(DType.F32, "f32", 1e-5));
  }

  private GoldenCases() {}

  /**
   * Reads the cases of a file; its arrays are read when they are run.
   *
   * @throws MalformedCaseException if the file is no description of training runs
   */
  static List<VerifyCase> read(Path file) {
    JsonFields fields = JsonFields.read(file);
    String kind = fields.text("kind");
    List<VerifyCase> cases =
        switch (kind) {
          case "linear_regression" -> LinearTrajectory.cases(fields);
          case "classifier" -> ClassifierTrajectory.cases(fields);
          default -> List.of(unsupported(fields, kind));
        };
    if (cases.isEmpty()) {
      throw new MalformedCaseException(file + ": expects nothing in f64 or f32");
    }
    return cases;
  }

  private static VerifyCase unsupported(JsonFields fields, String kind) {
    return new VerifyCase(
        name(fields),
        kind,
        FAMILY,
        () -> {
          throw new UnsupportedCaseException("kind " + kind + " is not supported");
        });
  }

  /** Returns what a file's cases are called. */
  static String name(JsonFields fields) {
    Path folder = fields.file().toAbsolutePath().getParent();
    return fields.text("name", folder == null ? "golden" : String.valueOf(folder.getFileName()));
  }

  /**
   * Returns an array that a field names.
   *
   * @throws MalformedCaseException if it has another shape
   */
  static double[] array(JsonFields fields, String name, Shape shape) {
    NpyArray array = Npy.read(fields.path(name));
    if (!array.shape().equals(shape)) {
      throw fields.error(name, "names an array of shape " + array.shape() + ", not " + shape);
    }
    return array.toDoubleArray();
  }

  /** Returns a tensor of floating type from the array that a field names. */
  static Tensor tensor(JsonFields fields, String name, DType dtype) {
    return Npy.readTensor(fields.path(name)).cast(dtype);
  }

  /**
   * Returns a parameter: zeros where the field is absent, else a number that fills it, a list, or
   * the array that the field names.
   *
   * @throws MalformedCaseException if it has another number of elements
   */
  static Tensor parameter(JsonFields init, String name, DType dtype, long... dims) {
    Tensor value;
    if (!init.has(name)) {
      value = Tensor.zeros(dtype, dims);
    } else if (init.isText(name)) {
      value = tensor(init, name, dtype);
    } else if (init.isList(name)) {
      double[] values = init.numbers(name);
      value = Tensor.of(values, values.length).cast(dtype);
    } else {
      value = Tensor.full(dtype, init.number(name), dims);
    }
    if (value.size() != Shape.of(dims).size()) {
      throw init.error(name, "has shape " + value.shape() + ", not " + Shape.of(dims));
    }
    return value.reshape(dims).realize();
  }

  /**
   * Returns the optimizer that fields describe.
   *
   * @throws UnsupportedCaseException if there is none like it here
   */
  static Optimizer optimizer(JsonFields fields, List<Tensor> parameters) {
    for (String variant : List.of("amsgrad", "maximize", "dampening")) {
      if (fields.flag(variant, false)) {
        throw new UnsupportedCaseException("optimizer with " + variant + " is not supported");
      }
    }
    String name = fields.text("optimizer", "sgd");
    double rate = fields.number("lr");
    double decay = fields.number("weight_decay", 0);
    double epsilon = fields.number("eps", 1e-8);
    double[] betas = fields.has("betas") ? fields.numbers("betas") : new double[] {0.9, 0.999};
    if (betas.length != 2) {
      throw fields.error("betas", "must be two numbers");
    }
    return switch (name) {
      case "sgd" ->
          new Sgd(
              parameters,
              rate,
              fields.number("momentum", 0),
              fields.flag("nesterov", false),
              decay);
      case "adam" -> new Adam(parameters, rate, betas[0], betas[1], epsilon, decay);
      case "adamw" -> Adam.adamW(parameters, rate, betas[0], betas[1], epsilon, decay);
      default -> throw new UnsupportedCaseException("optimizer " + name + " is not supported");
    };
  }
}
