package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import dev.quern.nn.Losses;
import java.util.List;
import java.util.Map;

/** Family loss. */
final class LossOperators {
  private LossOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry(
            "NegativeLogLikelihoodLoss",
            Operator.of(call -> negativeLogLikelihood(call, call.in(0)))),
        entry("SoftmaxCrossEntropyLoss", LossOperators::crossEntropy));
  }

  private static List<Tensor> crossEntropy(OperatorCall call) {
    Tensor scores = call.in(0);
    Tensor logs = scores.logSoftmax(1);
    boolean plain =
        scores.rank() == 2
            && !call.has(2)
            && !call.hasAttribute("ignore_index")
            && call.text("reduction", "mean").equals("mean");
    Tensor loss =
        plain ? Losses.crossEntropy(scores, call.in(1)) : negativeLogLikelihood(call, logs);
    return List.of(loss, logs);
  }

  /**
   * Takes the negative log-probability [n, classes, ...] at each target [n, ...], weighted by
   * class; targets to be ignored weigh nothing and may be no class.
   */
  private static Tensor negativeLogLikelihood(OperatorCall call, Tensor logs) {
    Tensor targets = call.in(1);
    Tensor counted =
        call.hasAttribute("ignore_index")
            ? targets.ne((double) call.integer("ignore_index"))
            : targets.eq(targets);
    Tensor classes = Tensor.where(counted, targets, targets.zerosLike());
    Tensor picked = logs.gather(1, classes.unsqueeze(1)).squeeze(1).neg();
    Tensor ofClass = call.has(2) ? call.in(2).indexSelect(0, classes) : picked.onesLike();
    Tensor weights = Tensor.where(counted, ofClass, picked.zerosLike());
    Tensor losses = Tensor.where(counted, picked.mul(weights), picked.zerosLike());
    String reduction = call.text("reduction", "mean");
    return switch (reduction) {
      case "none" -> losses;
      case "sum" -> losses.sum();
      case "mean" -> losses.sum().div(weights.sum());
      default -> throw call.unsupported("reduction " + reduction);
    };
  }
}
