package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Family optimizer. ONNX's operators take their state as inputs, which Quern's optimizers keep to
 * themselves, and do not correct for a start from zero at T = 0; so the formulas are composed here.
 * Quern's own optimizers are verified by training trajectories.
 */
final class OptimizerOperators {
  private static final double EPSILON = 1e-6;

  /** One parameter with its gradient and state; returns the new parameter and state. */
  private interface Rule {
    List<Tensor> apply(Tensor x, Tensor gradient, List<Tensor> state);
  }

  private OptimizerOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Adagrad", OptimizerOperators::adagrad),
        entry("Adam", OptimizerOperators::adam),
        entry("Momentum", OptimizerOperators::momentum));
  }

  /** Inputs are R, T, all X, all G, then all of each state; outputs all X, all of each state. */
  private static List<Tensor> each(OperatorCall call, int states, double decay, Rule rule) {
    int k = (call.inputs() - 2) / (2 + states);
    if (k < 1 || call.inputs() != 2 + k * (2 + states)) {
      throw new IllegalArgumentException(
          "optimizer: " + call.inputs() + " inputs do not make sets of " + (2 + states));
    }
    List<Tensor> out = new ArrayList<>();
    List<List<Tensor>> results = new ArrayList<>();
    for (int i = 0; i < k; i++) {
      Tensor x = call.in(2 + i);
      Tensor gradient = call.in(2 + k + i).add(x.mul(decay));
      List<Tensor> state = new ArrayList<>();
      for (int s = 0; s < states; s++) {
        state.add(call.in(2 + (2 + s) * k + i));
      }
      results.add(rule.apply(x, gradient, state));
    }
    for (int s = 0; s <= states; s++) {
      for (List<Tensor> result : results) {
        out.add(result.get(s));
      }
    }
    return out;
  }

  private static List<Tensor> adagrad(OperatorCall call) {
    double epsilon = call.number("epsilon", EPSILON);
    double slowing = 1 + call.single(1) * call.number("decay_factor", 0);
    Tensor rate = call.in(0).div(slowing);
    return each(
        call,
        1,
        call.number("norm_coefficient", 0),
        (x, g, state) -> {
          Tensor squares = state.get(0).add(g.square());
          Tensor move = rate.mul(g).div(squares.sqrt().add(epsilon));
          return List.of(x.sub(move), squares);
        });
  }

  private static List<Tensor> adam(OperatorCall call) {
    double alpha = call.number("alpha", 0.9);
    double beta = call.number("beta", 0.999);
    double epsilon = call.number("epsilon", EPSILON);
    double decayAfter = call.number("norm_coefficient_post", 0);
    double step = call.single(1);
    double correction =
        step > 0 ? Math.sqrt(1 - Math.pow(beta, step)) / (1 - Math.pow(alpha, step)) : 1;
    Tensor rate = call.in(0).mul(correction);
    return each(
        call,
        2,
        call.number("norm_coefficient", 0),
        (x, g, state) -> {
          Tensor first = state.get(0).mul(alpha).add(g.mul(1 - alpha));
          Tensor second = state.get(1).mul(beta).add(g.square().mul(1 - beta));
          Tensor moved = x.sub(rate.mul(first).div(second.sqrt().add(epsilon)));
          return List.of(moved.mul(1 - decayAfter), first, second);
        });
  }

  private static List<Tensor> momentum(OperatorCall call) {
    double alpha = call.number("alpha");
    // At the first step the velocity is the whole gradient.
    double beta = call.single(1) > 0 ? call.number("beta") : 1;
    call.ignore("beta");
    boolean nesterov = call.text("mode").equals("nesterov");
    Tensor rate = call.in(0);
    return each(
        call,
        1,
        call.number("norm_coefficient"),
        (x, g, state) -> {
          Tensor velocity = state.get(0).mul(alpha).add(g.mul(beta));
          Tensor direction = nesterov ? g.add(velocity.mul(alpha)) : velocity;
          return List.of(x.sub(rate.mul(direction)), velocity);
        });
  }
}
