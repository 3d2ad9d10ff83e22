package dev.quern.trainer.verify;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.trainer.verify.CaseResult.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One {@code golden.json}: a training trajectory, followed in F64 and in F32 by the library's own
 * layers, losses, gradients and optimizers. Measure: max |a - b| / max(1, |b|).
 */
final class TrainingCase {
  private static final double BAR_F64 = 1e-10;
  private static final double BAR_F32 = 1e-5;

  private final Path folder;
  private final JsonObject json;
  private final String name;
  private final DType dtype;
  private double worst;
  private String where = "";

  private TrainingCase(Path folder, JsonObject json, DType dtype) {
    this.folder = folder;
    this.json = json;
    this.name = json.get("name").getAsString();
    this.dtype = dtype;
  }

  static List<CaseResult> run(Path file, JsonObject json) {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    List<CaseResult> results = new ArrayList<>();
    for (DType dtype : List.of(DType.F64, DType.F32)) {
      switch (json.get("kind").getAsString()) {
        case "linear_regression" -> results.add(new TrainingCase(folder, json, dtype).regression());
        case "classifier" -> {
          results.add(new TrainingCase(folder, json, dtype).firstStep());
          for (JsonElement run : json.getAsJsonArray("runs")) {
            results.add(new TrainingCase(folder, json, dtype).classifier(run.getAsJsonObject()));
          }
        }
        default ->
            results.add(
                new CaseResult(
                    json.get("name").getAsString(),
                    json.get("kind").getAsString(),
                    "training",
                    Status.UNSUPPORTED,
                    "no such kind",
                    Double.NaN));
      }
    }
    return results;
  }

  private String key() {
    return dtype == DType.F64 ? "f64" : "f32";
  }

  private CaseResult result(String what) {
    double bar = dtype == DType.F64 ? BAR_F64 : BAR_F32;
    boolean passed = worst <= bar;
    return new CaseResult(
        name + " " + key() + " " + what,
        what,
        "training",
        passed ? Status.PASSED : Status.FAILED,
        passed ? "" : String.format(Locale.ROOT, "%s differs by %.3g, bar %.0e", where, worst, bar),
        worst);
  }

  private void check(String what, double[] want, double[] got) {
    double difference = Comparison.scaled(want, got);
    if (!(difference <= worst)) {
      worst = difference;
      where = what;
    }
  }

  private void check(String what, JsonElement file, double[] got) {
    check(what, Npy.read(folder.resolve(file.getAsString())).toDoubleArray(), got);
  }

  private void check(String what, double want, double got) {
    check(what, new double[] {want}, new double[] {got});
  }

  private Tensor read(String file) {
    Tensor raw = Npy.readTensor(folder.resolve(file));
    return raw.dtype().isFloat() ? raw.cast(dtype) : raw;
  }

  // ---------------------------------------------------------------- linear regression

  private CaseResult regression() {
    Tensor given = read(json.get("x").getAsString());
    Tensor x = given.rank() == 1 ? given.unsqueeze(1) : given;
    Tensor y = read(json.get("y").getAsString()).reshape(x.dim(0), 1);
    Linear model =
        new Linear(initial("w", x.dim(1)).reshape(x.dim(1), 1).contiguous(), initial("b", 1));
    Optimizer optimizer = new Sgd(model.tensors(), json.get("lr").getAsDouble());
    int steps = json.get("steps").getAsInt();
    int columns = (int) x.dim(1);
    double[] w = new double[steps * columns];
    double[] b = new double[steps];
    double[] cost = new double[steps];
    JsonObject expected = json.getAsJsonObject(key());
    check("J0", expected.get("J0").getAsDouble(), cost(model, x, y));
    for (int step = 0; step < steps; step++) {
      try (Scope scope = Scope.open()) {
        optimizer.zeroGrad();
        scope.keep(Losses.squaredError(model.forward(x), y)).backward();
        optimizer.step();
      }
      System.arraycopy(model.weight().toDoubleArray(), 0, w, step * columns, columns);
      b[step] = model.bias().item();
      cost[step] = cost(model, x, y);
    }
    check("w", expected.get("w"), w);
    check("b", expected.get("b"), b);
    check("J", expected.get("J"), cost);
    return result("gradient descent");
  }

  private double cost(Linear model, Tensor x, Tensor y) {
    return Tensor.noGrad(() -> Losses.squaredError(model.forward(x), y).item());
  }

  private Tensor initial(String parameter, long size) {
    JsonObject init = json.getAsJsonObject("init");
    JsonElement value = init == null ? null : init.get(parameter);
    if (value == null) {
      return Tensor.zeros(dtype, size);
    }
    return value.getAsJsonPrimitive().isString()
        ? read(value.getAsString())
        : Tensor.full(dtype, value.getAsDouble(), size);
  }

  // ---------------------------------------------------------------- classifiers

  private Sequential model() {
    List<JsonElement> layers = json.getAsJsonArray("layers").asList();
    List<Module> modules = new ArrayList<>();
    for (int i = 1; i < layers.size(); i++) {
      long in = layers.get(i - 1).getAsLong();
      long out = layers.get(i).getAsLong();
      Tensor weight = initial("W" + i, in * out).reshape(in, out).contiguous();
      modules.add(new Linear(weight, initial("b" + i, out)));
      if (i < layers.size() - 1) {
        modules.add(activation());
      }
    }
    return new Sequential(modules);
  }

  private Module activation() {
    return switch (json.get("activation").getAsString()) {
      case "relu" -> Module.of(Tensor::relu);
      case "tanh" -> Module.of(Tensor::tanh);
      case "sigmoid" -> Module.of(Tensor::sigmoid);
      case "leaky_relu" -> {
        double slope = number(json, "negative_slope", 0.01);
        yield Module.of(x -> x.leakyRelu(slope));
      }
      default ->
          throw new IllegalArgumentException("activation " + json.get("activation") + " unknown");
    };
  }

  private Tensor loss(Sequential model, Tensor logits, Tensor labels) {
    Tensor loss = Losses.crossEntropy(logits, labels);
    double l2 = number(json, "l2", 0);
    return l2 == 0 ? loss : loss.add(Losses.l2(l2 / 2, model.weights()));
  }

  private Tensor rows(String key, long step) {
    long batch = json.get("batch").getAsLong();
    long start = batch * (step % (json.get("rows_used").getAsLong() / batch));
    return read(json.get(key).getAsString()).slice(0, start, start + batch);
  }

  private CaseResult firstStep() {
    JsonObject expected = json.getAsJsonObject("first_step").getAsJsonObject(key());
    Sequential model = model();
    Tensor logits = model.forward(rows("X", 0));
    Tensor loss = loss(model, logits, rows("y", 0));
    loss.backward();
    check("loss", expected.get("loss").getAsDouble(), loss.item());
    check("logits", expected.get("logits"), logits.toDoubleArray());
    JsonObject gradients = expected.getAsJsonObject("grad");
    List<Tensor> parameters = model.tensors();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameterName(i);
      double[] got = parameters.get(i).grad().orElseThrow().toDoubleArray();
      check("gradient of " + parameter, gradients.get(parameter), got);
    }
    return result("first step");
  }

  private static String parameterName(int i) {
    return (i % 2 == 0 ? "W" : "b") + (i / 2 + 1);
  }

  private CaseResult classifier(JsonObject run) {
    JsonObject expected = run.getAsJsonObject(key());
    Sequential model = model();
    Optimizer optimizer = optimizer(run, model.tensors());
    int steps = run.get("steps").getAsInt();
    double[] losses = new double[steps];
    for (int step = 0; step < steps; step++) {
      try (Scope scope = Scope.open()) {
        optimizer.zeroGrad();
        Tensor loss = loss(model, model.forward(rows("X", step)), rows("y", step));
        losses[step] = scope.keep(loss).item();
        loss.backward();
        optimizer.step();
        loss.close();
      }
    }
    check("loss before each step", expected.get("loss_before_each_step"), losses);
    JsonObject last = expected.getAsJsonObject("final");
    List<Tensor> parameters = model.tensors();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameterName(i);
      check("final " + parameter, last.get(parameter), parameters.get(i).toDoubleArray());
    }
    JsonElement after = expected.get("loss_after_last_step_on_batch_0");
    if (after != null) {
      double got =
          Tensor.noGrad(() -> loss(model, model.forward(rows("X", 0)), rows("y", 0)).item());
      check("loss after the last step", after.getAsDouble(), got);
    }
    String tag = run.has("tag") ? run.get("tag").getAsString() : null;
    return result(tag == null ? run.get("optimizer").getAsString() : tag);
  }

  private static Optimizer optimizer(JsonObject run, List<Tensor> parameters) {
    double lr = run.get("lr").getAsDouble();
    double decay = number(run, "weight_decay", 0);
    double beta1 = run.has("betas") ? run.getAsJsonArray("betas").get(0).getAsDouble() : 0.9;
    double beta2 = run.has("betas") ? run.getAsJsonArray("betas").get(1).getAsDouble() : 0.999;
    double eps = number(run, "eps", 1e-8);
    return switch (run.get("optimizer").getAsString()) {
      case "sgd" -> {
        boolean nesterov = run.has("nesterov") && run.get("nesterov").getAsBoolean();
        yield new Sgd(parameters, lr, number(run, "momentum", 0), nesterov, decay);
      }
      case "adam" -> new Adam(parameters, lr, beta1, beta2, eps, decay);
      case "adamw" -> Adam.adamW(parameters, lr, beta1, beta2, eps, decay);
      default ->
          throw new IllegalArgumentException("optimizer " + run.get("optimizer") + " unknown");
    };
  }

  private static double number(JsonObject object, String key, double otherwise) {
    JsonElement value = object.get(key);
    return value == null || value.isJsonNull() ? otherwise : value.getAsDouble();
  }
}
