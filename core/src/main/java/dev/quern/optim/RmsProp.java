package dev.quern.optim;

import dev.quern.Tensor;
import java.util.List;

/**
 * RMSprop: {@code v = a v + (1 - a) g^2; d = g / (sqrt(v) + eps); p = p - lr * d}, with momentum
 * {@code b = mu b + d; p = p - lr * b}, and weight decay {@code g = g + decay * p} first. As in
 * PyTorch. Source: Tieleman, Hinton, "Lecture 6.5 - rmsprop" (2012).
 */
public final class RmsProp extends Optimizer {
  private final double smoothing;
  private final double momentum;
  private final double weightDecay;
  private final double epsilon;
  private final List<Tensor> squares;
  private final List<Tensor> velocity;

  /** Creates RMSprop with a = 0.99 and eps = 1e-8, without momentum or decay. */
  public RmsProp(List<Tensor> parameters, double learningRate) {
    this(parameters, learningRate, 0.99, 0, 0, 1e-8);
  }

  /**
   * Creates RMSprop.
   *
   * @param smoothing a in [0, 1)
   * @param momentum mu in [0, 1)
   * @param weightDecay added to every gradient times its parameter
   * @throws IllegalArgumentException if an argument is out of range
   */
  public RmsProp(
      List<Tensor> parameters,
      double learningRate,
      double smoothing,
      double momentum,
      double weightDecay,
      double epsilon) {
    super(parameters, learningRate);
    this.smoothing = checked("smoothing", smoothing, 0, Math.nextDown(1.0));
    this.momentum = checked("momentum", momentum, 0, Math.nextDown(1.0));
    this.weightDecay = checked("weight decay", weightDecay, 0, Double.MAX_VALUE);
    this.epsilon = checked("epsilon", epsilon, 0, Double.MAX_VALUE);
    this.squares = zeros();
    this.velocity = momentum == 0 ? List.of() : zeros();
  }

  /** Returns v of each parameter, then b of each if there is a momentum. */
  @Override
  public List<Tensor> state() {
    return joined(squares, velocity);
  }

  @Override
  double[] numbers() {
    return new double[] {learningRate()};
  }

  @Override
  Tensor update(int i, Tensor p, Tensor gradient, StepNumbers numbers, List<Change> changes) {
    Tensor g = weightDecay == 0 ? gradient : gradient.add(p.mul(weightDecay));
    Tensor v = squares.get(i).mul(smoothing).add(g.square().mul(1 - smoothing));
    Tensor direction = g.div(v.sqrt().add(epsilon));
    changes.add(new Change(squares.get(i), v));
    if (momentum != 0) {
      direction = velocity.get(i).mul(momentum).add(direction);
      changes.add(new Change(velocity.get(i), direction));
    }
    return p.sub(numbers.mul(direction, 0));
  }
}
