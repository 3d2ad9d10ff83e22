package dev.quern.optim;

import dev.quern.Recording;

/**
 * A learning rate for each step, counted from 0.
 *
 * <pre>{@code
 * Schedule schedule = Schedule.cosine(0.1, 0, 1000).warmedUp(100);
 * schedule.apply(optimizer);   // before each step
 * }</pre>
 */
@FunctionalInterface
public interface Schedule {
  /** Returns the learning rate of a step. */
  double at(long step);

  /** Sets the optimizer's learning rate for its next step; in a recording, at each replay too. */
  default void apply(Optimizer optimizer) {
    optimizer.setLearningRate(at(optimizer.steps()));
    // Undone, the rate stands for a step that is still to come.
    Recording.onReplay(() -> optimizer.setLearningRate(at(optimizer.steps())), () -> {});
  }

  /** Returns a rate that stays. */
  static Schedule constant(double rate) {
    return step -> rate;
  }

  /**
   * Returns {@code rate * factor^floor(step / every)}.
   *
   * @throws IllegalArgumentException if {@code every} is not positive
   */
  static Schedule stepwise(double rate, long every, double factor) {
    checkPositive("every", every);
    return step -> {
      long drops = step / every;
      return rate * Math.pow(factor, (double) drops);
    };
  }

  /** Returns {@code rate * factor^step}. */
  static Schedule exponential(double rate, double factor) {
    return step -> rate * Math.pow(factor, (double) step);
  }

  /**
   * Returns {@code least + (rate - least) * (1 + cos(pi * step / steps)) / 2} up to {@code steps},
   * then {@code least}. Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm
   * restarts" (2016), without the restarts.
   *
   * @throws IllegalArgumentException if {@code steps} is not positive
   */
  static Schedule cosine(double rate, double least, long steps) {
    checkPositive("steps", steps);
    return step -> {
      double share = Math.min(1, (double) step / steps);
      return least + (rate - least) * (1 + Math.cos(Math.PI * share)) / 2;
    };
  }

  /**
   * Returns this schedule after a linear start: {@code at(0) * (step + 1) / steps} for the first
   * {@code steps}, then {@code at(step - steps)}. Source: Goyal et al., "Accurate, large minibatch
   * SGD" (2017).
   *
   * @throws IllegalArgumentException if {@code steps} is not positive
   */
  default Schedule warmedUp(long steps) {
    checkPositive("steps", steps);
    return step -> step < steps ? at(0) * (step + 1.0) / steps : at(step - steps);
  }

  private static void checkPositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("schedule: " + name + " must be positive: " + value);
    }
  }
}
