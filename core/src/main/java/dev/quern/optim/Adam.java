package dev.quern.optim;

import dev.quern.Tensor;
import java.util.List;

/**
 * Adam: {@code m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p = p - lr * (m / (1 - b1^t)) /
 * (sqrt(v / (1 - b2^t)) + eps)}, t counting from 1, with weight decay either added to the gradient
 * ({@link #Adam}) or taken off the parameter first ({@link #adamW}).
 *
 * <p>Sources: Kingma, Ba, "Adam: a method for stochastic optimization" (2014); Loshchilov, Hutter,
 * "Decoupled weight decay regularization" (2017).
 */
public final class Adam extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final boolean decoupled;
  private final List<Tensor> first;
  private final List<Tensor> second;

  /** Creates Adam with b1 = 0.9, b2 = 0.999, eps = 1e-8 and no weight decay. */
  public Adam(List<Tensor> parameters, double learningRate) {
    this(parameters, learningRate, 0.9, 0.999, 1e-8, 0);
  }

  /**
   * Creates Adam.
   *
   * @param weightDecay added to every gradient times its parameter
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Adam(
      List<Tensor> parameters,
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    this(parameters, learningRate, beta1, beta2, epsilon, weightDecay, false);
  }

  private Adam(
      List<Tensor> parameters,
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decoupled) {
    super(parameters, learningRate);
    this.beta1 = checked("beta1", beta1, 0, Math.nextDown(1.0));
    this.beta2 = checked("beta2", beta2, 0, Math.nextDown(1.0));
    this.epsilon = checked("epsilon", epsilon, 0, Double.MAX_VALUE);
    this.weightDecay = checked("weight decay", weightDecay, 0, Double.MAX_VALUE);
    this.decoupled = decoupled;
    this.first = zeros();
    this.second = zeros();
  }

  /**
   * Returns AdamW: {@code p = p * (1 - lr * decay)} before Adam's step, the gradient undecayed.
   *
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static Adam adamW(List<Tensor> parameters, double learningRate, double weightDecay) {
    return adamW(parameters, learningRate, 0.9, 0.999, 1e-8, weightDecay);
  }

  /** Returns AdamW with its own constants; see {@link #adamW(List, double, double)}. */
  public static Adam adamW(
      List<Tensor> parameters,
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    return new Adam(parameters, learningRate, beta1, beta2, epsilon, weightDecay, true);
  }

  /** Returns m of each parameter, then v of each. */
  @Override
  public List<Tensor> state() {
    return joined(first, second);
  }

  @Override
  double[] numbers() {
    double t = steps() + 1;
    return new double[] {
      1 - Math.pow(beta1, t),
      1 - Math.pow(beta2, t),
      learningRate(),
      1 - learningRate() * weightDecay
    };
  }

  @Override
  Tensor update(int i, Tensor p, Tensor gradient, StepNumbers numbers, List<Change> changes) {
    boolean coupled = weightDecay != 0 && !decoupled;
    Tensor g = coupled ? gradient.add(p.mul(weightDecay)) : gradient;
    Tensor m = first.get(i).mul(beta1).add(g.mul(1 - beta1));
    Tensor v = second.get(i).mul(beta2).add(g.square().mul(1 - beta2));
    Tensor unbiasedM = numbers.div(m, 0);
    Tensor unbiasedV = numbers.div(v, 1);
    Tensor move = numbers.mul(unbiasedM.div(unbiasedV.sqrt().add(epsilon)), 2);
    Tensor from = decoupled ? numbers.mul(p, 3) : p;
    changes.add(new Change(first.get(i), m));
    changes.add(new Change(second.get(i), v));
    return from.sub(move);
  }
}
