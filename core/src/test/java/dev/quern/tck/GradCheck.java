package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.function.Function;

/**
 * Compares gradients in F64 with central differences of the same tensor function, whose values
 * other tests compare with an oracle. Step and tolerances are those of PyTorch's gradcheck.
 */
final class GradCheck {
  private static final double STEP = 1e-6;
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-5;

  private GradCheck() {}

  /** Checks a function of one F64 tensor. */
  static void check(String what, Function<Tensor, Tensor> function, Values input) {
    checkAll(what, x -> function.apply(x[0]), input);
  }

  /** Checks a function's gradients with respect to every F64 input. */
  static void checkAll(String what, Function<Tensor[], Tensor> function, Values... inputs) {
    Tensor[] tensors = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      tensors[i] = inputs[i].upload();
      if (inputs[i].dtype() == DType.F64) {
        tensors[i].requiresGrad(true);
      }
    }
    Tensor result = function.apply(tensors);
    Values weights = Samples.uniform(DType.F64, 99, -1, 1, result.shape().dims());
    result.mul(weights.upload()).sum().backward();
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].dtype() == DType.F64) {
        Values expected = differences(function, weights, i, inputs);
        Tensor gradient = tensors[i].grad().orElseThrow();
        Expect.close(what + ": gradient of input " + i, expected, RELATIVE, ABSOLUTE, gradient);
      }
    }
  }

  private static Values differences(
      Function<Tensor[], Tensor> function, Values weights, int input, Values... inputs) {
    double[] gradient = new double[inputs[input].size()];
    for (int k = 0; k < gradient.length; k++) {
      double above = loss(function, weights, input, k, STEP, inputs);
      double below = loss(function, weights, input, k, -STEP, inputs);
      gradient[k] = (above - below) / (2 * STEP);
    }
    return Values.of(gradient, inputs[input].dims());
  }

  private static double loss(
      Function<Tensor[], Tensor> function,
      Values weights,
      int input,
      int element,
      double step,
      Values... inputs) {
    Tensor[] tensors = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      Values values = inputs[i];
      if (i == input) {
        double[] moved = values.reals();
        moved[element] += step;
        values = Values.of(moved, values.dims());
      }
      tensors[i] = values.upload();
    }
    Values result = Values.read(function.apply(tensors));
    double sum = 0;
    for (int i = 0; i < result.size(); i++) {
      sum += result.real(i) * weights.real(i);
    }
    return sum;
  }
}
