package dev.quern.trainer;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.Device;
import dev.quern.nn.Linear;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.Confusion;
import dev.quern.trainer.learn.Evaluation;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.ModelSpec;
import dev.quern.trainer.learn.Rows;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What to tell after training, as text or as JSON. */
final class TrainReport {
  private static final int MAX_CONFUSION = 20;

  private final ModelSpec spec;
  private final JsonObject result = new JsonObject();
  private @Nullable Confusion confusion;

  TrainReport(ModelSpec spec, Device device, int epochs, double loss, double seconds) {
    this.spec = spec;
    result.addProperty("model", spec.kind().toString());
    result.addProperty("device", device.id());
    result.addProperty("epochs", epochs);
    result.addProperty("finalLoss", loss);
    result.addProperty("seconds", Math.round(seconds * 1000) / 1000.0);
  }

  /** Adds the loss of the validation rows, if there are any. */
  void addValidation(Model model, Rows validation, int bestEpoch) {
    if (validation.rows() == 0) {
      return;
    }
    result.addProperty("validationLoss", finite(Evaluation.meanLoss(model, validation)));
    result.addProperty("validationRows", validation.rows());
    if (bestEpoch > 0) {
      result.addProperty("bestEpoch", bestEpoch);
    }
  }

  /** Adds how well the test rows are predicted, if there are any. */
  void addTest(Model model, Rows test) {
    if (test.rows() == 0) {
      return;
    }
    if (spec.kind().task() == Task.REGRESSION) {
      Evaluation.Fit fit = Evaluation.fit(model, test);
      result.addProperty("testMse", fit.meanSquaredError());
      result.addProperty("testR2", finite(fit.r2()));
      result.addProperty("testRows", test.rows());
      return;
    }
    Confusion counted = Evaluation.confusion(model, test, spec.classes());
    confusion = counted;
    result.addProperty("testAccuracy", counted.correct() / (double) test.rows());
    result.addProperty("testCorrect", counted.correct());
    result.addProperty("testRows", test.rows());
    JsonArray matrix = new JsonArray();
    JsonArray perClass = new JsonArray();
    for (int k = 0; k < counted.classes(); k++) {
      JsonArray row = new JsonArray();
      for (long count : counted.counts()[k]) {
        row.add(count);
      }
      matrix.add(row);
      JsonObject entry = new JsonObject();
      entry.addProperty("class", k);
      entry.addProperty("rows", counted.rows(k));
      entry.addProperty("precision", finite(counted.precision(k)));
      entry.addProperty("recall", finite(counted.recall(k)));
      perClass.add(entry);
    }
    result.add("confusion", matrix);
    result.add("perClass", perClass);
  }

  // JSON has no NaN.
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** Adds the parameters of a linear regression. */
  void addParameters(Model model) {
    if (model.task() == Task.REGRESSION && model.network().modules().get(0) instanceof Linear l) {
      JsonArray weights = new JsonArray();
      for (double w : l.weight().toDoubleArray()) {
        weights.add(w);
      }
      result.add("weights", weights);
      result.addProperty("bias", l.bias().item());
    }
  }

  void print(Console console, boolean json) {
    if (json) {
      console.json(result);
      return;
    }
    console.say("device           %s", result.get("device").getAsString());
    console.say("epochs           %,d", result.get("epochs").getAsInt());
    console.say("final loss       %.6f", result.get("finalLoss").getAsDouble());
    if (result.has("validationLoss")) {
      boolean known = !result.get("validationLoss").isJsonNull();
      double loss = known ? result.get("validationLoss").getAsDouble() : Double.NaN;
      String best =
          result.has("bestEpoch")
              ? String.format(Locale.ROOT, ", after epoch %,d", result.get("bestEpoch").getAsInt())
              : "";
      console.say("validation loss  %.6f%s", loss, best);
    }
    if (result.has("testCorrect")) {
      console.say(
          "test accuracy    %.4f (%,d of %,d)",
          result.get("testAccuracy").getAsDouble(),
          result.get("testCorrect").getAsLong(),
          result.get("testRows").getAsLong());
    }
    if (result.has("testMse")) {
      console.say("test MSE         %.4f", result.get("testMse").getAsDouble());
      console.say("test R2          %s", result.get("testR2"));
    }
    if (result.has("weights")) {
      console.say("weights          %s", result.get("weights"));
      console.say("bias             %s", result.get("bias"));
    }
    console.say("time             %.2f s", result.get("seconds").getAsDouble());
    if (confusion != null) {
      print(console, confusion);
    }
  }

  private static void print(Console console, Confusion confusion) {
    console.say("%n%5s %8s %10s %8s", "class", "rows", "precision", "recall");
    for (int k = 0; k < confusion.classes(); k++) {
      console.say(
          "%5d %8d %10s %8s",
          k, confusion.rows(k), part(confusion.precision(k)), part(confusion.recall(k)));
    }
    if (confusion.classes() > MAX_CONFUSION) {
      return;
    }
    StringBuilder head = new StringBuilder("class taken for");
    for (int k = 0; k < confusion.classes(); k++) {
      head.append(String.format(Locale.ROOT, "%7d", k));
    }
    console.say("%n%s", head);
    for (int k = 0; k < confusion.classes(); k++) {
      StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%5d          ", k));
      for (long count : confusion.counts()[k]) {
        line.append(String.format(Locale.ROOT, "%7d", count));
      }
      console.say("%s", line);
    }
  }

  private static String part(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }
}
