package dev.quern.trainer.verify;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.trainer.verify.CaseResult.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One {@code case.json}: an operator, its inputs and the outputs it must give. */
final class OperatorCase {
  private OperatorCase() {}

  static CaseResult run(Path file, JsonObject json) {
    String name = json.get("name").getAsString();
    String op = json.get("op").getAsString();
    String family = json.get("family").getAsString();
    Optional<Operators.Operator> operator = Operators.find(op);
    if (operator.isEmpty()) {
      return new CaseResult(name, op, family, Status.UNSUPPORTED, "no operator " + op, Double.NaN);
    }
    try (Scope scope = Scope.open()) {
      Path folder = java.util.Objects.requireNonNull(file.toAbsolutePath().getParent());
      List<@Nullable Tensor> inputs = new ArrayList<>();
      for (JsonElement input : json.getAsJsonArray("inputs")) {
        inputs.add(
            input.isJsonNull()
                ? null
                : scope.keep(Npy.readTensor(folder.resolve(input.getAsString()))));
      }
      List<JsonElement> wanted = json.getAsJsonArray("outputs").asList();
      Call call = new Call(json.getAsJsonObject("attributes"), inputs, wanted.size());
      List<Tensor> got = operator.get().run(call);
      double rtol = json.get("rtol").getAsDouble();
      double atol = json.get("atol").getAsDouble();
      double worst = 0;
      for (int i = 0; i < wanted.size(); i++) {
        if (wanted.get(i).isJsonNull()) {
          continue;
        }
        if (i >= got.size()) {
          return new CaseResult(name, op, family, Status.UNSUPPORTED, "no output " + i, Double.NaN);
        }
        NpyArray want = Npy.read(folder.resolve(wanted.get(i).getAsString()));
        Comparison c = Comparison.of("output " + i, want, got.get(i), rtol, atol);
        if (c.problem() != null) {
          return new CaseResult(name, op, family, Status.FAILED, c.problem(), c.difference());
        }
        worst = Math.max(worst, c.difference());
      }
      return new CaseResult(name, op, family, Status.PASSED, "", worst);
    }
  }
}
