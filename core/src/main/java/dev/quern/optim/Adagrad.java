package dev.quern.optim;

import dev.quern.Tensor;
import java.util.List;

/**
 * Adagrad: {@code h = h + g^2; p = p - lr / (1 + t * slowing) * g / (sqrt(h) + eps)}, t counting
 * from 0, with weight decay {@code g = g + decay * p} first. Source: Duchi, Hazan, Singer,
 * "Adaptive subgradient methods for online learning and stochastic optimization" (2011).
 */
public final class Adagrad extends Optimizer {
  private final double slowing;
  private final double weightDecay;
  private final double epsilon;
  private final List<Tensor> squares;

  /** Creates Adagrad without slowing or decay, with eps = 1e-10. */
  public Adagrad(List<Tensor> parameters, double learningRate) {
    this(parameters, learningRate, 0, 0, 1e-10);
  }

  /**
   * Creates Adagrad.
   *
   * @param slowing how fast the learning rate falls
   * @param weightDecay added to every gradient times its parameter
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Adagrad(
      List<Tensor> parameters,
      double learningRate,
      double slowing,
      double weightDecay,
      double epsilon) {
    super(parameters, learningRate);
    this.slowing = checked("slowing", slowing, 0, Double.MAX_VALUE);
    this.weightDecay = checked("weight decay", weightDecay, 0, Double.MAX_VALUE);
    this.epsilon = checked("epsilon", epsilon, 0, Double.MAX_VALUE);
    this.squares = zeros();
  }

  /** Returns h of each parameter. */
  @Override
  public List<Tensor> state() {
    return squares;
  }

  @Override
  double[] numbers() {
    return new double[] {learningRate() / (1 + steps() * slowing)};
  }

  @Override
  Tensor update(int i, Tensor p, Tensor gradient, StepNumbers numbers, List<Change> changes) {
    Tensor g = weightDecay == 0 ? gradient : gradient.add(p.mul(weightDecay));
    Tensor h = squares.get(i).add(g.square());
    changes.add(new Change(squares.get(i), h));
    return p.sub(numbers.mul(g.div(h.sqrt().add(epsilon)), 0));
  }
}
