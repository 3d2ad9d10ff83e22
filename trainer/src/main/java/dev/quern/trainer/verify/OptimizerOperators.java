package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import dev.quern.optim.Adagrad;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Family optimizer. ONNX's Adam does not correct for a start from zero at T = 0, as Quern's does;
 * so its formula is composed here, and Quern's is verified by training trajectories.
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
  private static List<Tensor> each(OperatorCall call, int states, Rule rule) {
    int k = (call.inputs() - 2) / (2 + states);
    if (k < 1 || call.inputs() != 2 + k * (2 + states)) {
      throw new IllegalArgumentException(
          "optimizer: " + call.inputs() + " inputs do not make sets of " + (2 + states));
    }
    List<Tensor> out = new ArrayList<>();
    List<List<Tensor>> results = new ArrayList<>();
    for (int i = 0; i < k; i++) {
      Tensor x = call.in(2 + i).requiresGrad(true);
      Tensor gradient = call.in(2 + k + i);
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
    double slowing = call.number("decay_factor", 0);
    double decay = call.number("norm_coefficient", 0);
    double rate = call.in(0).item();
    return each(
        call,
        1,
        (x, g, state) -> {
          Optimizer optimizer = new Adagrad(List.of(x), rate, slowing, decay, epsilon);
          return stepped(optimizer, call.single(1), x, g, state);
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
    double decay = call.number("norm_coefficient", 0);
    return each(
        call,
        2,
        (x, gradient, state) -> {
          Tensor g = gradient.add(x.mul(decay));
          Tensor first = state.get(0).mul(alpha).add(g.mul(1 - alpha));
          Tensor second = state.get(1).mul(beta).add(g.square().mul(1 - beta));
          Tensor moved = x.sub(rate.mul(first).div(second.sqrt().add(epsilon)));
          return List.of(moved.mul(1 - decayAfter), first, second);
        });
  }

  private static List<Tensor> momentum(OperatorCall call) {
    double alpha = call.number("alpha");
    double beta = call.number("beta");
    // At the first step the velocity is the whole gradient whatever beta is.
    if (call.single(1) > 0 && beta != 1) {
      throw call.unsupported("beta = " + beta);
    }
    boolean nesterov = call.text("mode").equals("nesterov");
    double decay = call.number("norm_coefficient");
    double rate = call.in(0).item();
    return each(
        call,
        1,
        (x, g, state) -> {
          Optimizer optimizer = new Sgd(List.of(x), rate, alpha, nesterov, decay);
          return stepped(optimizer, call.single(1), x, g, state);
        });
  }

  /** Takes one step of an optimizer of x that was given state and gradient. */
  private static List<Tensor> stepped(
      Optimizer optimizer, long steps, Tensor x, Tensor gradient, List<Tensor> state) {
    optimizer.restore(steps, state);
    x.mul(gradient).sum().backward();
    optimizer.step();
    List<Tensor> out = new ArrayList<>(List.of(x));
    out.addAll(optimizer.state());
    return out;
  }
}
