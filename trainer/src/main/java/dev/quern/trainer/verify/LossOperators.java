package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import dev.quern.nn.CrossEntropyLoss;
import dev.quern.nn.LossReduction;
import java.util.List;
import java.util.Map;

/** Family loss. */
final class LossOperators {
  private LossOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry(
            "NegativeLogLikelihoodLoss",
            Operator.of(call -> loss(call).ofLogProbabilities(call.in(0), call.in(1)))),
        entry("SoftmaxCrossEntropyLoss", LossOperators::crossEntropy));
  }

  private static List<Tensor> crossEntropy(OperatorCall call) {
    Tensor scores = call.in(0);
    return List.of(loss(call).ofScores(scores, call.in(1)), scores.logSoftmax(1));
  }

  private static CrossEntropyLoss loss(OperatorCall call) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    if (call.has(2)) {
      loss = loss.withWeights(call.in(2));
    }
    if (call.hasAttribute("ignore_index")) {
      loss = loss.withIgnored(call.integer("ignore_index"));
    }
    String reduction = call.text("reduction", "mean");
    return switch (reduction) {
      case "none" -> loss.withReduction(LossReduction.NONE);
      case "sum" -> loss.withReduction(LossReduction.SUM);
      case "mean" -> loss.withReduction(LossReduction.MEAN);
      default -> throw call.unsupported("reduction " + reduction);
    };
  }
}
