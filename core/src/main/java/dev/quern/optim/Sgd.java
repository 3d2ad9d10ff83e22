package dev.quern.optim;

import dev.quern.Tensor;
import java.util.List;

/**
 * Gradient descent: {@code p = p - lr * g}, optionally with momentum {@code v = mu * v + g; p = p -
 * lr * v} (Nesterov: {@code p = p - lr * (g + mu * v)}) and weight decay {@code g = g + decay * p}
 * first. As in PyTorch; Nesterov's form after Sutskever et al., "On the importance of
 * initialization and momentum in deep learning" (2013).
 */
public final class Sgd extends Optimizer {
  private final double momentum;
  private final boolean nesterov;
  private final double weightDecay;
  private final List<Tensor> velocity;

  /** Creates plain gradient descent. */
  public Sgd(List<Tensor> parameters, double learningRate) {
    this(parameters, learningRate, 0, false, 0);
  }

  /**
   * Creates gradient descent with momentum.
   *
   * @param momentum mu in [0, 1)
   * @param nesterov whether the step looks ahead along the velocity; needs a momentum
   * @param weightDecay added to every gradient times its parameter, biases too
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Sgd(
      List<Tensor> parameters,
      double learningRate,
      double momentum,
      boolean nesterov,
      double weightDecay) {
    super(parameters, learningRate);
    this.momentum = checked("momentum", momentum, 0, Math.nextDown(1.0));
    this.weightDecay = checked("weight decay", weightDecay, 0, Double.MAX_VALUE);
    this.nesterov = nesterov;
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("optimizer: Nesterov needs a momentum above 0");
    }
    this.velocity = momentum == 0 ? List.of() : zeros();
  }

  /** Returns v of each parameter, nothing without momentum. */
  @Override
  public List<Tensor> state() {
    return velocity;
  }

  @Override
  double[] numbers() {
    return new double[] {learningRate()};
  }

  @Override
  Tensor update(int i, Tensor p, Tensor gradient, StepNumbers numbers, List<Change> changes) {
    Tensor g = weightDecay == 0 ? gradient : gradient.add(p.mul(weightDecay));
    Tensor direction = g;
    if (momentum != 0) {
      Tensor v = velocity.get(i).mul(momentum).add(g);
      direction = nesterov ? g.add(v.mul(momentum)) : v;
      changes.add(new Change(velocity.get(i), v));
    }
    return p.sub(numbers.mul(direction, 0));
  }
}
