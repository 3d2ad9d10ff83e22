package dev.quern.optim;

import dev.quern.Scope;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Changes parameters by their gradients. A step computes every new value from the old ones before
 * any parameter changes.
 *
 * <p>What an optimizer remembers from step to step lives as long as the scope that is open when it
 * is created: create it outside the scope of a single step.
 */
public abstract class Optimizer {
  private final List<Tensor> parameters;
  private double learningRate;
  private long steps;

  /** Creates an optimizer of leaves that require a gradient. */
  Optimizer(List<Tensor> parameters, double learningRate) {
    for (Tensor parameter : parameters) {
      if (!parameter.requiresGrad()) {
        throw new IllegalArgumentException(
            "optimizer: parameter does not require a gradient: " + parameter.shape());
      }
    }
    this.parameters = List.copyOf(parameters);
    setLearningRate(learningRate);
  }

  /** Returns the parameters. */
  public final List<Tensor> parameters() {
    return parameters;
  }

  /** Returns the step size. */
  public final double learningRate() {
    return learningRate;
  }

  /**
   * Sets the step size, for schedules.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public final void setLearningRate(double rate) {
    learningRate = checked("learning rate", rate, 0, Double.MAX_VALUE);
  }

  /** Returns how many steps were taken. */
  public final long steps() {
    return steps;
  }

  /**
   * Sets how many steps were taken, to go on where another optimizer was.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public final void setSteps(long taken) {
    if (taken < 0) {
      throw new IllegalArgumentException("optimizer: steps must not be negative: " + taken);
    }
    steps = taken;
  }

  /**
   * Returns what is remembered from step to step, in a fixed order: to be saved, and to be restored
   * by {@link Tensor#assign} together with {@link #setSteps}.
   */
  public List<Tensor> state() {
    return List.of();
  }

  static double checked(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "optimizer: " + name + " must be in [" + low + ", " + high + "]: " + value);
    }
    return value;
  }

  /** Forgets all gradients. */
  public final void zeroGrad() {
    parameters.forEach(Tensor::zeroGrad);
  }

  /**
   * Changes every parameter that has a gradient, all at once: a step that fails, for want of memory
   * say, changes nothing.
   */
  public final void step() {
    Tensor.noGrad(
        () -> {
          Scope scope = Scope.open();
          try (scope) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
              Optional<Tensor> gradient = parameters.get(i).grad();
              if (gradient.isPresent()) {
                update(i, parameters.get(i), gradient.get(), changes);
              }
            }
            // All values exist before the first one is put in its place.
            changes.forEach(change -> change.value().realize());
            changes.forEach(change -> change.target().assign(change.value()));
            steps++;
          }
        });
  }

  /** A value that a tensor gets at the end of the step. */
  record Change(Tensor target, Tensor value) {}

  /** Adds the changes of parameter {@code i} and of its state. */
  abstract void update(int i, Tensor parameter, Tensor gradient, List<Change> changes);

  /** Returns zeros shaped as each parameter. */
  final List<Tensor> zeros() {
    return parameters.stream().map(Tensor::zerosLike).toList();
  }

  static List<Tensor> joined(List<Tensor> first, List<Tensor> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
