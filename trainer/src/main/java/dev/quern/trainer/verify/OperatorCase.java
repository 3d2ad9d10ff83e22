package dev.quern.trainer.verify;

import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code case.json}: one ONNX operator with attributes, input tensors and the outputs that ONNX
 * expects.
 */
final class OperatorCase {
  /** What the files say of the tolerances unless they say otherwise, as ONNX's own runner. */
  private static final double RTOL = 1e-3;

  private static final double ATOL = 1e-7;
  private static final int NEWEST = Integer.MAX_VALUE;
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.preview.training");
  private static final Map<String, Operator> OPERATORS = Operators.table();

  private final JsonFields fields;
  private final String op;

  private OperatorCase(JsonFields fields) {
    this.fields = fields;
    this.op = fields.text("op");
  }

  /**
   * Reads a case; its tensors are read when it is run.
   *
   * @throws MalformedCaseException if the file is no description of a case
   */
  static VerifyCase read(Path file) {
    JsonFields fields = JsonFields.read(file);
    OperatorCase operatorCase = new OperatorCase(fields);
    return new VerifyCase(
        fields.text("name"), operatorCase.op, fields.text("family", "other"), operatorCase::run);
  }

  private Comparison run() {
    int opset = fields.has("opset") ? fields.integer("opset", 1, NEWEST) : NEWEST;
    double rtol = tolerance("rtol", RTOL);
    double atol = tolerance("atol", ATOL);
    List<String> outputNames = fields.fileNames("outputs");
    Operator operator = OPERATORS.get(op);
    String domain = fields.text("domain", "");
    if (operator == null || !DOMAINS.contains(domain)) {
      String where = DOMAINS.contains(domain) ? "" : " of domain " + domain;
      throw new UnsupportedCaseException(op + where + " is not supported");
    }
    List<@Nullable Tensor> inputs = new ArrayList<>();
    for (String name : fields.fileNames("inputs")) {
      inputs.add(name.isEmpty() ? null : Npy.readTensor(fields.path("inputs", name)));
    }
    List<@Nullable NpyArray> expected = new ArrayList<>();
    for (String name : outputNames) {
      expected.add(name.isEmpty() ? null : Npy.read(fields.path("outputs", name)));
    }
    OperatorCall call =
        new OperatorCall(op, opset, inputs, expected.size(), fields.objectOrEmpty("attributes"));
    List<Tensor> outputs = operator.apply(call);
    call.checkAttributes();
    return compare(outputs, expected, rtol, atol);
  }

  private double tolerance(String name, double fallback) {
    double value = fields.number(name, fallback);
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw fields.error(name, "must not be negative: " + value);
    }
    return value;
  }

  private Comparison compare(
      List<Tensor> outputs, List<@Nullable NpyArray> expected, double rtol, double atol) {
    if (outputs.size() < expected.size()) {
      throw new UnsupportedCaseException(op + ": output " + outputs.size() + " is not supported");
    }
    Comparison comparison = new Comparison();
    for (int i = 0; i < expected.size(); i++) {
      NpyArray want = expected.get(i);
      if (want != null) {
        comparison.close("output " + i, outputs.get(i), want, rtol, atol);
      }
    }
    return comparison;
  }
}
