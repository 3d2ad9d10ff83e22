package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import dev.quern.nn.Activations;
import java.util.Map;

/** Families activation and softmax. */
final class ActivationOperators {
  // ONNX rounds both constants to F32.
  private static final double SELU_ALPHA = 1.6732631921768188;
  private static final double SELU_GAMMA = 1.0507010221481323;

  /** Softmax or one like it along an axis. */
  private interface AlongAxis {
    Tensor apply(Tensor x, int axis);
  }

  private ActivationOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Celu", Operator.of(c -> Activations.celu(c.in(0), c.number("alpha", 1)))),
        entry("Clip", Operator.of(ActivationOperators::clip)),
        entry("Elu", Operator.of(c -> c.in(0).elu(c.number("alpha", 1)))),
        entry("Gelu", Operator.of(ActivationOperators::gelu)),
        entry("HardSigmoid", Operator.of(ActivationOperators::hardSigmoid)),
        entry("HardSwish", Operator.unary(Activations::hardSwish)),
        entry("Hardmax", alongAxis(Activations::hardmax)),
        entry("LeakyRelu", Operator.of(c -> c.in(0).leakyRelu(c.number("alpha", 0.01)))),
        entry("LogSoftmax", alongAxis(Tensor::logSoftmax)),
        entry("Mish", Operator.unary(Activations::mish)),
        entry("PRelu", Operator.binary(Tensor::prelu)),
        entry("Relu", Operator.unary(Tensor::relu)),
        entry("Selu", Operator.of(ActivationOperators::selu)),
        entry("Shrink", Operator.of(ActivationOperators::shrink)),
        entry("Sigmoid", Operator.unary(Tensor::sigmoid)),
        entry("Softmax", alongAxis(Tensor::softmax)),
        entry("Softplus", Operator.unary(Tensor::softplus)),
        entry("Softsign", Operator.unary(Activations::softsign)),
        entry("Swish", Operator.of(c -> Activations.swish(c.in(0), c.number("alpha", 1)))),
        entry("Tanh", Operator.unary(Tensor::tanh)),
        entry("ThresholdedRelu", Operator.of(ActivationOperators::thresholdedRelu)));
  }

  private static Tensor clip(OperatorCall call) {
    Tensor out = call.in(0);
    if (call.hasAttribute("min") || call.hasAttribute("max")) {
      return out.clamp(
          call.number("min", Double.NEGATIVE_INFINITY),
          call.number("max", Double.POSITIVE_INFINITY));
    }
    if (call.has(1) && call.has(2)) {
      return out.clamp(call.in(1), call.in(2));
    }
    out = call.has(1) ? out.maximum(call.in(1)) : out;
    return call.has(2) ? out.minimum(call.in(2)) : out;
  }

  private static Tensor gelu(OperatorCall call) {
    String approximate = call.text("approximate", "none");
    return switch (approximate) {
      case "none" -> call.in(0).gelu();
      case "tanh" -> Activations.geluTanh(call.in(0));
      default -> throw call.unsupported("approximation " + approximate);
    };
  }

  private static Tensor hardSigmoid(OperatorCall call) {
    return Activations.hardSigmoid(call.in(0), call.number("alpha", 0.2), call.number("beta", 0.5));
  }

  private static Tensor selu(OperatorCall call) {
    double alpha = call.number("alpha", SELU_ALPHA);
    return call.in(0).elu(alpha).mul(call.number("gamma", SELU_GAMMA));
  }

  private static Tensor shrink(OperatorCall call) {
    return Activations.shrink(call.in(0), call.number("lambd", 0.5), call.number("bias", 0));
  }

  private static Tensor thresholdedRelu(OperatorCall call) {
    return Activations.thresholdedRelu(call.in(0), call.number("alpha", 1));
  }

  /** Before operator set 13 everything from the axis on counted as one axis. */
  private static Operator alongAxis(AlongAxis body) {
    return Operator.of(
        call -> {
          Tensor x = call.in(0);
          if (call.opset() >= 13) {
            return body.apply(x, call.axis("axis", -1));
          }
          int axis = call.axis("axis", 1);
          Tensor flat = LayoutOperators.flatten(x, axis);
          return body.apply(flat, 1).reshape(x.shape().dims());
        });
  }
}
