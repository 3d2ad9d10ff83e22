package dev.quern.optim;

import dev.quern.DType;
import dev.quern.Recording;
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

  static double checked(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      String range =
          high == Double.MAX_VALUE
              ? "finite and at least " + low
              : "in [" + low + ", " + high + "]";
      throw new IllegalArgumentException("optimizer: " + name + " must be " + range + ": " + value);
    }
    return value;
  }

  /** Forgets all gradients. */
  public final void zeroGrad() {
    parameters.forEach(Tensor::zeroGrad);
  }

  /**
   * Changes every parameter that has a gradient, all at once: a step that fails, for want of memory
   * say, changes nothing. On a GPU a label or index out of range is reported only when results are
   * read: steps taken before that have spread the NaN it stands for. Where labels are not known to
   * be right, read the loss first.
   */
  public final void step() {
    Tensor.noGrad(
        () -> {
          Scope scope = Scope.open();
          try (scope) {
            List<Change> changes = new ArrayList<>();
            StepNumbers numbers = new StepNumbers(this::numbers);
            for (int i = 0; i < parameters.size(); i++) {
              Optional<Tensor> gradient = parameters.get(i).grad();
              if (gradient.isPresent()) {
                Tensor parameter = parameters.get(i);
                DType own = parameter.dtype();
                Tensor value = in(own.computeType(), parameter);
                Tensor g = in(value.dtype(), gradient.get());
                Tensor moved = update(i, value, g, numbers, changes);
                changes.add(new Change(parameter, in(own, moved)));
              }
            }
            // All values exist before the first one is put in its place.
            changes.forEach(change -> change.value().realize());
            changes.forEach(change -> change.target().assign(change.value()));
            count();
          }
        });
  }

  private void count() {
    steps++;
    Recording.onReplay(() -> steps++, () -> steps--);
  }

  private static Tensor in(DType dtype, Tensor x) {
    return x.dtype() == dtype ? x : x.cast(dtype);
  }

  /** A value that a tensor gets at the end of the step. */
  record Change(Tensor target, Tensor value) {}

  /** Returns the number of steps taken. */
  public final long steps() {
    return steps;
  }

  /**
   * Returns what steps depend on beside the parameters, their gradients and {@link #steps}: for
   * Adam the first moments of all parameters and then the second ones, for momentum the velocities.
   * The tensors change with each step.
   */
  public abstract List<Tensor> state();

  /**
   * Goes on where another optimizer with the same settings was: copies what its {@link #steps} and
   * {@link #state} were. With the same parameters and gradients, steps then give the same bits.
   *
   * @throws IllegalArgumentException if the number of steps is negative, or the state has another
   *     number of tensors, or one of another shape or type; nothing is changed then
   */
  public final void restore(long stepsTaken, List<Tensor> saved) {
    List<Tensor> own = state();
    if (stepsTaken < 0 || saved.size() != own.size()) {
      throw new IllegalArgumentException(
          "optimizer: cannot restore "
              + stepsTaken
              + " steps and "
              + saved.size()
              + " tensors into "
              + own.size());
    }
    for (int i = 0; i < own.size(); i++) {
      Tensor to = own.get(i);
      Tensor from = saved.get(i);
      if (!to.shape().equals(from.shape()) || to.dtype() != from.dtype()) {
        throw new IllegalArgumentException(
            "optimizer: cannot restore tensor "
                + i
                + ": "
                + from.dtype()
                + " "
                + from.shape()
                + " into "
                + to.dtype()
                + " "
                + to.shape());
      }
    }
    for (int i = 0; i < own.size(); i++) {
      own.get(i).assign(saved.get(i));
    }
    steps = stepsTaken;
  }

  /**
   * Returns the new value of parameter {@code i} and adds the changes of its state. Parameters of
   * 16 bits, and their gradients, come in F32.
   *
   * @param numbers those of {@link #numbers()}
   */
  abstract Tensor update(
      int i, Tensor parameter, Tensor gradient, StepNumbers numbers, List<Change> changes);

  /** Returns the numbers of the next step that differ from step to step. */
  abstract double[] numbers();

  /** Returns zeros shaped as each parameter, F32 for one of 16 bits. */
  final List<Tensor> zeros() {
    return parameters.stream().map(p -> in(p.dtype().computeType(), p.zerosLike())).toList();
  }

  static List<Tensor> joined(List<Tensor> first, List<Tensor> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
